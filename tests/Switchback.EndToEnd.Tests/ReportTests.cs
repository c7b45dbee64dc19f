using Microsoft.Playwright;
using Switchback.Drills.Reports;
using Switchback.Drills.Tests;
using Switchback.Drills.Verdicts;

namespace Switchback.EndToEnd.Tests;

/// <summary>The report as a reader sees it, in a real browser, wide and narrow.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-report-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(1400, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    public async Task The_report_is_whole_readable_and_fetches_nothing(int width, ColorScheme colours)
    {
        var verdict = await WriteAsync();
        await using var browser = await Browser.StartAsync();
        var (page, requests) = await browser.OpenAsync(Path.Combine(_directory, ReportPage.FileName), width, colours);

        Assert.Equal(verdict.Sentence, await page.Locator("h1").InnerTextAsync());
        Assert.True((await page.Locator("h1").BoundingBoxAsync())!.Y < 200, "the verdict is on top");
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(requests);

        foreach (var client in verdict.Clients)
        {
            var chart = page.Locator($"[data-client='{client.Name}']");
            Assert.True((await chart.Locator("svg").BoundingBoxAsync())!.Width > width * 0.6f, $"{client.Name} is drawn");
            Assert.NotEqual("M", await chart.Locator(".flow-line").GetAttributeAsync("d"));
            Assert.Equal(client.Outages.Count(outage => outage.OutageMs >= 500), await chart.Locator(".long").CountAsync());
        }

        foreach (var proxy in verdict.Proxies)
        {
            var row = page.Locator($".proxies [data-pod='{proxy.Pod}']");
            Assert.True(await row.IsVisibleAsync(), $"the proxy of {proxy.Pod} is shown");
            Assert.Contains(proxy.UpstreamAway.Count == 0 ? "never" : " to ", await row.InnerTextAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1400)]
    [InlineData(360)]
    public async Task No_text_of_a_chart_covers_another(int width)
    {
        await WriteAsync();
        await using var browser = await Browser.StartAsync();
        var (page, _) = await browser.OpenAsync(Path.Combine(_directory, ReportPage.FileName), width);

        var overlaps = await page.EvaluateAsync<string[]>("""
            () => {
              const found = [];
              for (const group of [...document.querySelectorAll('.client'), ...document.querySelectorAll('.axis')]) {
                const texts = [...group.querySelectorAll('h3, header span, .at')].map(e => {
                  const range = document.createRange(); range.selectNodeContents(e);
                  return { text: e.textContent, boxes: [...range.getClientRects()] };
                });
                for (let i = 0; i < texts.length; i++)
                  for (let j = i + 1; j < texts.length; j++)
                    for (const a of texts[i].boxes) for (const b of texts[j].boxes)
                      if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3) found.push(texts[i].text + ' / ' + texts[j].text);
              }
              return found;
            }
            """);

        Assert.Empty(overlaps);
    }

    [Fact]
    public async Task Every_lost_record_is_found_by_opening_its_list()
    {
        var drill = new SampleDrill();
        var lost = drill.Acknowledged(SampleDrill.ProxyProducer)[10];
        drill.Settled.RemoveAll(record => record.Id == lost);
        await drill.WriteAsync(_directory, TestContext.Current.CancellationToken);
        DrillReport.Write(_directory);
        await using var browser = await Browser.StartAsync();
        var (page, _) = await browser.OpenAsync(Path.Combine(_directory, ReportPage.FileName), 1400);

        var id = page.Locator("details[data-kind='lost'] code");
        Assert.False(await id.IsVisibleAsync());
        await page.Locator("details[data-kind='lost'] summary").ClickAsync();

        Assert.True(await id.IsVisibleAsync());
        Assert.Equal(lost, await id.InnerTextAsync());
    }

    private async Task<Verdict> WriteAsync()
    {
        await new SampleDrill().WriteAsync(_directory, TestContext.Current.CancellationToken);
        return DrillReport.Write(_directory);
    }
}

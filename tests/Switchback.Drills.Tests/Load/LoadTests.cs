using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Switchback.Drills.Load;

namespace Switchback.Drills.Tests.Load;

public sealed class LoadTests
{
    [Fact]
    public async Task A_load_test_sends_every_request_once_over_as_many_connections_as_users()
    {
        await using var server = new StubServer(_ => Task.FromResult(200));

        var summary = await Run(server.Url, 300, 7);

        Assert.Equal((300, 300, 0), (server.Requests, summary.Requests, summary.Failures));
        Assert.InRange(server.Connections, 1, 7);
        Assert.Equal([new OutcomeCount("200", 300, true)], summary.Outcomes);
        var latency = summary.LatencyMs;
        Assert.True(latency.Min <= latency.P50 && latency.P50 <= latency.P90 && latency.P90 <= latency.P99 && latency.P99 <= latency.Max);
    }

    [Fact]
    public async Task Failures_and_resets_are_counted_by_what_they_were_and_end_nothing()
    {
        await using var server = new StubServer(number => Task.FromResult(number % 10 == 0 ? 503 : number % 25 == 3 ? 0 : 200));

        var summary = await Run(server.Url, 200, 4);

        Assert.Equal(200, summary.Requests);
        Assert.Equal(200, summary.Outcomes.Sum(outcome => outcome.Count));
        Assert.Contains(summary.Outcomes, outcome => outcome is { Outcome: "503", Success: false });
        Assert.Contains(summary.Outcomes, outcome => outcome is { Outcome: "connection reset" or "connection closed without an answer", Success: false });
        Assert.Equal(summary.Outcomes.Where(outcome => !outcome.Success).Sum(outcome => outcome.Count), summary.Failures);
    }

    [Fact]
    public async Task A_target_that_is_not_there_is_a_failure_of_each_request()
    {
        var summary = await Run(Nobody(), 5, 2);

        Assert.Equal([new OutcomeCount("connection refused", 5, false)], summary.Outcomes);
        Assert.Contains("5 failed", LoadReport.Text(summary));
    }

    [Fact]
    public async Task A_test_that_is_cut_short_says_how_far_it_came()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var server = new StubServer(async number =>
        {
            if (number == 20)
            {
                await stop.CancelAsync();
            }

            return 200;
        });

        var summary = await LoadTest.RunAsync(new LoadTestOptions(server.Url, 1000, 2), null, stop.Token);

        Assert.InRange(summary.Requests, 1, 30);
        Assert.Contains("of 1,000 requests, then cut short", LoadReport.Text(summary));
    }

    [Fact]
    public async Task The_page_and_the_json_say_the_same_and_fetch_nothing()
    {
        await using var server = new StubServer(_ => Task.FromResult(200));
        var summary = await Run(server.Url, 50, 5);

        var page = LoadReport.Page(summary);
        using var json = JsonDocument.Parse(summary.ToJson());

        Assert.Contains("50 requests: all succeeded", page);
        Assert.DoesNotContain("src=", page);
        Assert.Equal(50, json.RootElement.GetProperty("requests").GetInt32());
        Assert.Equal(0, json.RootElement.GetProperty("failures").GetInt32());
        Assert.True(json.RootElement.GetProperty("latencyMs").GetProperty("p99").GetDouble() > 0);
    }

    [Fact]
    public async Task An_open_loop_sends_what_is_due_although_nothing_is_answered()
    {
        var samples = new ConcurrentQueue<LoadSample>();
        var held = new TaskCompletionSource();
        await using var server = new StubServer(async _ =>
        {
            await held.Task;
            return 200;
        });
        using var stop = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        var load = new OpenLoopLoad([new LoadTarget("slow", server.Url, 200)], () => watch.Elapsed.TotalMilliseconds, samples.Enqueue).RunAsync(stop.Token);

        await Until(() => server.Requests >= 20);
        Assert.Empty(samples);
        held.SetResult();
        await stop.CancelAsync();
        await load;

        Assert.All(samples, sample => Assert.True(sample.Succeeded));
        var due = samples.Select(sample => sample.AtMs).Order().ToList();
        Assert.All(due.Zip(due.Skip(1)), pair => Assert.Equal(5, pair.Second - pair.First, 0.002));
    }

    [Fact]
    public async Task An_open_loop_goes_on_while_its_target_is_gone_and_says_what_was_refused()
    {
        var samples = new ConcurrentQueue<LoadSample>();
        await using var server = new StubServer(_ => Task.FromResult(200));
        using var stop = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        LoadTarget[] targets = [new("gone", Nobody(), 100), new("there", server.Url, 100)];
        var load = new OpenLoopLoad(targets, () => watch.Elapsed.TotalMilliseconds, samples.Enqueue).RunAsync(stop.Token);

        await Until(() => samples.Count(sample => sample.Target == "gone") >= 10 && samples.Count(sample => sample.Target == "there") >= 10);
        await stop.CancelAsync();
        await load;

        Assert.All(samples.Where(sample => sample.Target == "gone"), sample => Assert.Equal((0, "connection refused"), (sample.Status, sample.Error)));
        Assert.All(samples.Where(sample => sample.Target == "there"), sample => Assert.Equal(200, sample.Status));
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(100, 50, 90, 99, 100)]
    [InlineData(3, 2, 3, 3, 3)]
    public void Percentiles_are_by_nearest_rank(int count, double p50, double p90, double p99, double max)
    {
        var latency = LatencySummary.Of([.. Enumerable.Range(1, count).Select(value => (double)value)]);

        Assert.Equal((p50, p90, p99, max), (latency.P50, latency.P90, latency.P99, latency.Max));
    }

    private static Task<LoadSummary> Run(Uri url, int requests, int users) =>
        LoadTest.RunAsync(new LoadTestOptions(url, requests, users), null, TestContext.Current.CancellationToken);

    private static Uri Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/chuck-says");
    }

    private static async Task Until(Func<bool> holds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }
}

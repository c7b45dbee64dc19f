using Microsoft.Playwright;

namespace Switchback.EndToEnd.Tests;

/// <summary>The system's Chromium, driven by Playwright; a test that needs it is skipped, with the reason, where it is not there.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Browser> StartAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var path = folders.SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, "no Chromium here: install the package chromium");
        var playwright = await DriverAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
        });
        return new Browser(playwright, browser);
    }

    /// <summary>Opens a file at a width in CSS pixels, and notes every request but the one for the file.</summary>
    public async Task<(IPage Page, List<string> Requests)> OpenAsync(string file, int width, ColorScheme colours = ColorScheme.Light)
    {
        var page = await _browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = 900 }, ColorScheme = colours });
        var requests = new List<string>();
        page.Request += (_, request) => requests.Add(request.Url);
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        requests.Remove(new Uri(file).AbsoluteUri);
        return (page, requests);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static async Task<IPlaywright> DriverAsync()
    {
        try
        {
            return await Playwright.CreateAsync();
        }
        catch (PlaywrightException error)
        {
            Assert.Skip($"Playwright's driver does not start here: {error.Message}");
            throw;
        }
    }
}

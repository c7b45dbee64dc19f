using System.Text;

namespace Switchback.Proxy.Tests.Harness;

/// <summary>A proxy in this process, on ports of the system's choice.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly LogStream _log = new();
    private readonly TaskCompletionSource<IReadOnlyList<string>> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<string?> _run = Task.FromResult<string?>(null);

    private TestProxy()
    {
    }

    public IReadOnlyList<int> Ports { get; private set; } = [];

    public int Port => Ports[0];

    public Uri Http { get; private set; } = new("http://127.0.0.1/");

    public string Log => _log.Text;

    public Task Ended => _run;

    /// <summary>Starts with flags as they are typed, in front of those that choose free ports.</summary>
    public static Task<TestProxy> StartAsync(params string[] arguments) => StartAsync(new Dictionary<string, string>(), arguments);

    /// <summary>Starts with environment variables, too.</summary>
    public static async Task<TestProxy> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var proxy = new TestProxy();
        var http = Switchback.Testing.Ports.Free();
        var server = ProxyServer.Create(
            Flags([$"--http-listen-address=127.0.0.1:{http}", "--default-listener-ip=127.0.0.1", "--log-level=debug", "--shutdown-quiet-period=100ms", .. arguments]),
            name => environment.GetValueOrDefault(name),
            proxy._log,
            out var errors);
        Assert.True(server is not null, string.Join('\n', errors));
        server.Listening = addresses => proxy._listening.TrySetResult(addresses);
        proxy._run = server.RunAsync(proxy._drain.Token, proxy._stop.Token);
        var first = await Task.WhenAny(proxy._listening.Task, proxy._run);
        Assert.True(first == proxy._listening.Task, $"the proxy ended: {(first == proxy._run ? await proxy._run : "")}");
        proxy.Ports = [.. (await proxy._listening.Task).Select(address => int.Parse(address[(address.LastIndexOf(':') + 1)..]))];
        proxy.Http = new Uri($"http://127.0.0.1:{http}/");
        return proxy;
    }

    public static Dictionary<string, IReadOnlyList<string>> Flags(params string[] arguments) => arguments
        .Select(argument => argument[2..].Split('=', 2))
        .GroupBy(pair => pair[0], StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => (IReadOnlyList<string>)[.. group.Select(pair => pair.Length > 1 ? pair[1] : "true")]);

    public void Drain() => _drain.Cancel();

    public async Task<(int Status, string Text)> GetAsync(string path)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(Http, path));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Assert.Null(await _run);
        _stop.Dispose();
        _drain.Dispose();
    }

    private sealed class LogStream : MemoryStream
    {
        private readonly Lock _lock = new();

        public string Text
        {
            get
            {
                lock (_lock)
                {
                    return Encoding.UTF8.GetString(ToArray());
                }
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (_lock)
            {
                base.Write(buffer);
            }
        }
    }
}

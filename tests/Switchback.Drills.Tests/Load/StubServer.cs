using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Switchback.Drills.Tests.Load;

/// <summary>An HTTP server of few words on loopback: a test decides what becomes of each request.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<int, Task<int>> _answer;
    private readonly Task _accepting;
    private int _requests;
    private int _connections;

    /// <param name="answer">Given the request's number from 1: the status to answer with; 0 resets the connection.</param>
    public StubServer(Func<int, Task<int>> answer)
    {
        _answer = answer;
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/chuck-says");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    public int Requests => Volatile.Read(ref _requests);

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            while (await reader.ReadLineAsync(_stopping.Token) is { } line)
            {
                Assert.StartsWith("POST /chuck-says HTTP/1.1", line);
                while (await reader.ReadLineAsync(_stopping.Token) is { Length: > 0 })
                {
                }

                var status = await _answer(Interlocked.Increment(ref _requests));
                if (status == 0)
                {
                    client.LingerState = new LingerOption(true, 0);
                    return;
                }

                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}"), _stopping.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The test is over, or the client is.
            return;
        }
    }
}

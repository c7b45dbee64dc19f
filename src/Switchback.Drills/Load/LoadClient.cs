using System.Net.Sockets;

namespace Switchback.Drills.Load;

/// <summary>
/// Posts requests and says how each ended; never throws for what a target does. Connections are kept and reused; one that was reset costs the request
/// it carried, and the next request opens another.
/// </summary>
internal sealed class LoadClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="timeout">How long one request may take.</param>
    /// <param name="maxConnections">How many connections one target is given at most.</param>
    public LoadClient(TimeSpan timeout, int maxConnections) => _http = new HttpClient(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = maxConnections,
        ConnectTimeout = timeout,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
    })
    {
        Timeout = timeout,
        MaxResponseContentBufferSize = 1 << 20,
    };

    /// <summary>Posts an empty request and reads the whole answer.</summary>
    /// <returns>The status, or 0 and the reason there was no answer.</returns>
    public async Task<(int Status, string? Error)> PostAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            // With content, even empty, the handler does not quietly post again where a kept connection was reset: one request here is one request there.
            using var content = new ByteArrayContent([]);
            using var response = await _http.PostAsync(url, content, cancellationToken);
            return ((int)response.StatusCode, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (0, "timed out");
        }
        catch (OperationCanceledException)
        {
            return (0, "given up when the load ended");
        }
        catch (HttpRequestException e)
        {
            return (0, e.InnerException is SocketException socket ? Name(socket) : Name(e));
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Name(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "connection reset",
        SocketError.HostNotFound => "host not found",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "host unreachable",
        SocketError.TimedOut => "timed out",
        _ => e.Message,
    };

    private static string Name(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.ResponseEnded => "connection closed without an answer",
        HttpRequestError.NameResolutionError => "host not found",
        HttpRequestError.SecureConnectionError => "TLS could not be set up",
        _ => (e.InnerException ?? e).Message,
    };
}

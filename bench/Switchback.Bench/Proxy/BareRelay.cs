using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Switchback.Bench.Proxy;

/// <summary>
/// Passes bytes between a client and a server and knows nothing of them: a 64 KiB buffer each way, and TLS towards the server where told. What a proxy costs
/// is measured against this.
/// </summary>
public static class BareRelay
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Serves until cancelled.</summary>
    /// <param name="listen">Where clients connect.</param>
    /// <param name="to">The server.</param>
    /// <param name="authorities">A PEM file that verifies the server; null: no TLS.</param>
    /// <param name="listening">Told once, when clients can connect.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(IPEndPoint listen, DnsEndPoint to, string? authorities, Action listening, CancellationToken cancellation)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(listen);
        listener.Listen(128);
        listening();
        while (!cancellation.IsCancellationRequested)
        {
            var client = await listener.AcceptAsync(cancellation);
            _ = RelayAsync(client, to, authorities, cancellation);
        }
    }

    private static async Task RelayAsync(Socket client, DnsEndPoint to, string? authorities, CancellationToken cancellation)
    {
        try
        {
            using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            client.NoDelay = true;
            await server.ConnectAsync(to.Host, to.Port, cancellation);
            await using var local = new NetworkStream(client, ownsSocket: true);
            await using Stream remote = authorities is null ? new NetworkStream(server) : await EncryptAsync(server, to.Host, authorities, cancellation);
            await Task.WhenAny(PassAsync(local, remote, cancellation), PassAsync(remote, local, cancellation));
        }
        catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException)
        {
            client.Dispose();
        }
    }

    private static async Task<Stream> EncryptAsync(Socket server, string host, string authorities, CancellationToken cancellation)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authorities);
        var encrypted = new SslStream(new NetworkStream(server));
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy }, cancellation);
        return encrypted;
    }

    private static async Task PassAsync(Stream source, Stream sink, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await source.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                await sink.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
        }
        catch (Exception ended) when (ended is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other direction ends with this one.
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Switchback.Proxy.Tests.Harness;

/// <summary>TLS in front of a scripted broker. It takes every client certificate, or none, and writes down whose it was.</summary>
internal sealed class TlsFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly SslServerAuthenticationOptions _options;
    private readonly Task _accepting;
    private readonly int _behind;

    public TlsFront(ScriptedBroker broker, (string Certificate, string Key) files)
    {
        _behind = broker.Port;
        _options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(files.Certificate, files.Key), null, offline: true),
            ClientCertificateRequired = true,
#pragma warning disable CA5359 // It is the proxy whose verifying is tested.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        };
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The subject of each client that has connected; empty for one without a certificate.</summary>
    public ConcurrentQueue<string> Clients { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var encrypted = new SslStream(client.GetStream());
                await encrypted.AuthenticateAsServerAsync(_options, _stop.Token);
                Clients.Enqueue(encrypted.RemoteCertificate?.Subject ?? "");
                using var behind = new TcpClient();
                await behind.ConnectAsync("127.0.0.1", _behind, _stop.Token);
                await Task.WhenAny(encrypted.CopyToAsync(behind.GetStream(), _stop.Token), behind.GetStream().CopyToAsync(encrypted, _stop.Token));
            }
            catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // Refused, closed or over.
            }
        }
    }
}

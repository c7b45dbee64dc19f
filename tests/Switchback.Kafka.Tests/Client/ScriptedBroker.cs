using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests.Client;

/// <summary>A request as it came, and the connection to answer it on.</summary>
internal sealed record ScriptedRequest(RequestHeader Header, ReadOnlyMemory<byte> Frame, Stream Stream)
{
    public ApiKey Key => (ApiKey)Header.RequestApiKey;

    public async Task AnswerAsync(IKafkaMessage response, short? version = null, int? correlationId = null)
    {
        using var writer = new WireWriter();
        KafkaFrame.WriteResponse(writer, Header.RequestApiKey, version ?? Header.RequestApiVersion, correlationId ?? Header.CorrelationId, response);
        await Stream.WriteAsync(writer.Written);
    }

    /// <summary>Answers ApiVersions with every API at the versions we have.</summary>
    public Task AnswerVersionsAsync() => AnswerAsync(new ApiVersionsResponse
    {
        ApiKeys = [.. ApiTable.All.Select(api => new ApiVersionsResponse.ApiVersion { ApiKey = api.Key, MinVersion = api.LowestVersion, MaxVersion = api.HighestVersion })],
    });
}

/// <summary>A broker that does to each request what a test says, over real sockets.</summary>
internal sealed class ScriptedBroker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<ScriptedRequest, Task> _script;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly Task _serving;
    private int _connections;

    public ScriptedBroker(Func<ScriptedRequest, Task> script, SslServerAuthenticationOptions? tls = null)
    {
        _script = script;
        _tls = tls;
        _listener.Start();
        Endpoint = new KafkaEndpoint("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
        _serving = ServeAsync();
    }

    public KafkaEndpoint Endpoint { get; }

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _listener.Stop();
        _stopping.Dispose();
    }

    private async Task ServeAsync()
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
        using (client)
        {
            Stream stream = client.GetStream();
            try
            {
                if (_tls is not null)
                {
                    var encrypted = new SslStream(stream);
                    stream = encrypted;
                    await encrypted.AuthenticateAsServerAsync(_tls, _stopping.Token);
                }

                var length = new byte[4];
                while (true)
                {
                    await stream.ReadExactlyAsync(length, _stopping.Token);
                    var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                    await stream.ReadExactlyAsync(frame, _stopping.Token);
                    await _script(Parse(frame, stream));
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or AuthenticationException)
            {
                return;
            }
        }
    }

    private static ScriptedRequest Parse(byte[] frame, Stream stream)
    {
        var reader = new WireReader(frame);
        var header = KafkaFrame.ReadRequestHeader(ref reader, frame);
        reader.ThrowIfFailed();
        return new ScriptedRequest(header, frame, stream);
    }
}

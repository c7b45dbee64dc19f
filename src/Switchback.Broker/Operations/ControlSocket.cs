using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Switchback.Broker.Configuration;

namespace Switchback.Broker.Operations;

/// <summary>
/// A Unix socket, its owner's alone, at which brokers are ended and started from outside: a line <c>stop N</c>, <c>kill N</c>, <c>start N</c> or <c>status</c> is
/// answered by one line, <c>ok</c> with what there is to say, or <c>error</c> with the reason.
/// </summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    private const int LongestLine = 256;
    private readonly string _path;
    private readonly Socket _listener;
    private readonly BrokerControl _control;
    private readonly Cluster _cluster;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    private ControlSocket(string path, Socket listener, BrokerControl control, Cluster cluster)
    {
        (_path, _listener, _control, _cluster) = (path, listener, control, cluster);
        _running = RunAsync();
    }

    /// <exception cref="ConfigurationException">There can be no socket at that path.</exception>
    public static ControlSocket Open(string path, BrokerControl control, Cluster cluster)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // What a killed process left behind: the data's lock says that there is no living one. Anything with content is somebody's file.
            if (new FileInfo(path) is { Exists: true, Length: 0 })
                File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen();
            return new ControlSocket(path, listener, control, cluster);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            throw new ConfigurationException($"--control {path}: there can be no Unix socket: {failure.Message}", failure);
        }
    }

    /// <summary>Says one line to a cluster's control socket; its answer.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<string> AskAsync(string path, string line, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync(cancellation) ?? throw new IOException("the cluster ended before it answered");
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _running;
        _stopping.Dispose();
        File.Delete(_path);
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptAsync(_stopping.Token);
                await ServeAsync(client);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            return;
        }
    }

    /// <summary>Whoever connects says what it wants at once; the next one does not wait for somebody who says nothing.</summary>
    private async Task ServeAsync(Socket client)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            await using var stream = new NetworkStream(client);
            var line = await ReadLineAsync(stream, patience.Token);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(await AnswerAsync(line) + "\n"), _stopping.Token);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException && !_stopping.IsCancellationRequested)
        {
            return;
        }
    }

    private static async Task<string> ReadLineAsync(Stream stream, CancellationToken cancellation)
    {
        var line = new byte[LongestLine];
        var length = 0;
        while (length < line.Length && await stream.ReadAsync(line.AsMemory(length), cancellation) is var read and > 0)
        {
            length += read;
            if (line.AsSpan(0, length).IndexOf((byte)'\n') is var end and >= 0)
                return Encoding.UTF8.GetString(line, 0, end).Trim();
        }

        return Encoding.UTF8.GetString(line, 0, length).Trim();
    }

    private async Task<string> AnswerAsync(string line)
    {
        if (line == "status")
            return "ok " + string.Join(' ', _cluster.Brokers.Select(b => $"{b.Id}={(_control.IsServing(b.Id) ? "up" : "down")}"));
        var words = line.Split(' ');
        if (words.Length != 2 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var broker))
            return "error: the line must be 'stop N', 'kill N', 'start N' or 'status'";
        try
        {
            switch (words[0])
            {
                case "stop":
                    await _control.StopAsync(broker);
                    return "ok";
                case "kill":
                    await _control.KillAsync(broker);
                    return "ok";
                case "start":
                    await _control.StartAsync(broker);
                    return "ok";
                default:
                    return "error: the line must be 'stop N', 'kill N', 'start N' or 'status'";
            }
        }
        catch (Exception failure) when (failure is ConfigurationException or ArgumentOutOfRangeException or IOException)
        {
            return "error: " + failure.Message.ReplaceLineEndings(" ");
        }
    }
}

using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Switchback.Drills.Scenarios;

namespace Switchback.Drills.Running.Faults;

/// <summary>
/// Stands in front of a cluster's brokers where a scenario cuts the network: everyone connects here, and bytes pass to where the brokers listen, until a
/// cut holds back those of the clients or the mirror, in one direction or both. A held connection stays open and is silent, and goes on when the
/// cut is healed; a new one is accepted and gets no answer. That needs no rights, and is the same on both networks.
/// </summary>
internal sealed class ClusterRelay : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly RelaySide clients = new();
    private readonly RelaySide mirror = new();
    private readonly RelaySide drill = new();
    private readonly CancellationTokenSource ending = new();
    private readonly List<Task> accepting = [];
    private readonly List<Socket> listeners = [];
    private readonly Func<IPEndPoint, RelayPeer> peerAt;

    /// <param name="ways">Where each broker is found, and where it listens.</param>
    /// <param name="peerAt">Whose connection comes from an address.</param>
    public ClusterRelay(IEnumerable<(IPEndPoint Found, IPEndPoint Listens)> ways, Func<IPEndPoint, RelayPeer> peerAt)
    {
        this.peerAt = peerAt;
        foreach (var (found, listens) in ways)
        {
            var listener = new Socket(found.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(found);
            listener.Listen(512);
            listeners.Add(listener);
            accepting.Add(AcceptAsync(listener, listens));
        }
    }

    public void Cut(NetworkCut cut)
    {
        foreach (var side in Sides(cut))
        {
            if (cut.Direction != CutDirection.Responses)
            {
                side.Requests.Close();
            }

            if (cut.Direction != CutDirection.Requests)
            {
                side.Responses.Close();
            }
        }
    }

    public void Heal()
    {
        foreach (var side in new[] { clients, mirror })
        {
            side.Requests.Open();
            side.Responses.Open();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listeners.ForEach(listener => listener.Dispose());
        await Task.WhenAll(accepting);
    }

    private IEnumerable<RelaySide> Sides(NetworkCut cut) => (cut.Clients, cut.Mirror) switch { (true, true) => [clients, mirror], (true, false) => [clients], _ => [mirror] };

    private async Task AcceptAsync(Socket listener, IPEndPoint broker)
    {
        while (!ending.IsCancellationRequested)
        {
            try
            {
                var connection = await listener.AcceptAsync(ending.Token);
                _ = RelayAsync(connection, broker);
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Ending, or a connection that was gone before it was accepted.
            }
        }
    }

    private async Task RelayAsync(Socket connection, IPEndPoint broker)
    {
        using var near = connection;
        using var far = new Socket(broker.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            near.NoDelay = far.NoDelay = true;
            var side = SideOf((IPEndPoint)near.RemoteEndPoint!);
            await side.Requests.Opened.WaitAsync(ending.Token);
            await far.ConnectAsync(broker, ending.Token);

            // Whichever end is gone for good takes the other with it; an end that has only said all passes that on.
            using var over = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
            var requests = PassAsync(near, far, side.Requests, over);
            var responses = PassAsync(far, near, side.Responses, over);
            await Task.WhenAll(requests, responses);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The broker is not there, or one of the two has gone: the other learns it by the end of its connection.
        }
    }

    private static async Task PassAsync(Socket from, Socket to, RelayGate gate, CancellationTokenSource over)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            do
            {
                read = await from.ReceiveAsync(buffer.AsMemory(), over.Token);
                await gate.Opened.WaitAsync(over.Token);
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), over.Token);
                }
            }
            while (read > 0);

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            await over.CancelAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private RelaySide SideOf(IPEndPoint peer) => peerAt(peer) switch { RelayPeer.Mirror => mirror, RelayPeer.Drill => drill, _ => clients };
}

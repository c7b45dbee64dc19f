using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Switchback.Proxy.Relay;

/// <summary>The way from one plaintext socket to another on which bytes that nobody has to look at stay in the kernel.</summary>
internal sealed class SpliceRoute
{
    /// <summary>Fewer bytes than this are cheaper to copy.</summary>
    public const int Worthwhile = 16 * 1024;

    private const int PushBytes = 4096;

    private readonly Socket _source;
    private readonly Socket _sink;
    private readonly StallClock _stalls;
    private readonly bool _fromBroker;

    private SpliceRoute(Socket source, Socket sink, StallClock stalls, bool fromBroker)
    {
        _source = source;
        _sink = sink;
        _stalls = stalls;
        _fromBroker = fromBroker;
    }

    /// <summary>Null where one side is encrypted, so that the bytes have to pass through us.</summary>
    public static SpliceRoute? Between(Stream source, Stream sink, StallClock stalls, bool fromBroker) =>
        source is NetworkStream from && sink is NetworkStream to ? new SpliceRoute(from.Socket, to.Socket, stalls, fromBroker) : null;

    /// <summary>
    /// Passes so many bytes, and answers how many it was: fewer, none at all too, where there is no pipe to be had or the kernel refuses to splice, and then the rest is to be
    /// copied. Throws <see cref="EndOfStreamException"/> when the source ends first, and what sockets throw.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> PassAsync(int count, CancellationToken cancellation)
    {
        if (SplicePipe.TryRent() is not { } pipe)
        {
            return 0;
        }

        var (passed, inside, refused) = (0, 0, false);
        try
        {
            while (inside > 0 || (passed < count && !refused))
            {
                if (inside == 0)
                {
                    // The pipe is empty here, so that nothing now means: nothing in the socket.
                    var taken = pipe.Fill(_source, count - passed);
                    if (taken == SplicePipe.Refused)
                    {
                        break;
                    }

                    if (taken < 0)
                    {
                        await UntilReadableAsync(cancellation).ConfigureAwait(false);
                        continue;
                    }

                    inside = taken > 0 ? taken : throw new EndOfStreamException("the connection ended in the middle of a message");
                }

                // What is in the pipe when the other socket refuses gets there by copying.
                var given = refused ? SplicePipe.Refused : pipe.Empty(_sink, inside);
                refused = given == SplicePipe.Refused;
                given = given >= 0 ? given : await PushAsync(pipe, inside, cancellation).ConfigureAwait(false);
                inside -= given;
                passed += given;
            }
        }
        finally
        {
            if (inside == 0)
            {
                SplicePipe.Return(pipe);
            }
            else
            {
                pipe.Dispose();
            }
        }

        return passed;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask UntilReadableAsync(CancellationToken cancellation)
    {
        if (_fromBroker)
        {
            _stalls.ReadBegins();
        }

        await _source.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellation).ConfigureAwait(false);
        if (_fromBroker)
        {
            _stalls.ReadEnds();
        }
    }

    /// <summary>
    /// Waits until the sink takes bytes again: by a small send that is copied, since sockets offer no other way to wait for that. Answers how many it was.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> PushAsync(SplicePipe pipe, int inside, CancellationToken cancellation)
    {
        if (!_fromBroker)
        {
            _stalls.WriteBegins();
        }

        var buffer = ArrayPool<byte>.Shared.Rent(PushBytes);
        try
        {
            var read = Math.Max(pipe.Read(buffer.AsSpan(0, Math.Min(inside, PushBytes))), 0);
            for (var sent = 0; sent < read;)
            {
                sent += await _sink.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, cancellation).ConfigureAwait(false);
            }

            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!_fromBroker)
            {
                _stalls.WriteEnds();
            }
        }
    }
}

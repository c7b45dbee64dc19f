using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Rewriting;

namespace Switchback.Proxy.Relay;

/// <summary>
/// Broker to client. Pairs each response with its request by correlation id and passes its bytes as they came, but for what the request's
/// <see cref="ResponseHandling"/> says.
/// </summary>
internal sealed class ResponsePump(RelayContext context, Stream client)
{
    private const int LengthBytes = 4;
    private const int HeadLength = 8;

    private readonly TailWalker _walker = new();
    private int _left;
    private InFlightRequest _request;

    /// <summary>Ends when the broker does. Throws <see cref="RelayException"/>, or what the sockets throw.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var window = new FrameWindow(context.Upstream.Stream, client, SpliceRoute.Between(context.Upstream.Stream, client, context.Stalls, fromBroker: true));
        while (await FillAsync(window, cancellation).ConfigureAwait(false))
        {
            while (_left > 0 ? Continue(window) : TryBegin(window))
            {
                if (_left > 0 && _request.Handling is not (ResponseHandling.Pass or ResponseHandling.StreamWithTail or ResponseHandling.Token))
                {
                    await TakeWholeAsync(window, cancellation).ConfigureAwait(false);
                }
            }

            await window.SendAsync(cancellation).ConfigureAwait(false);
            var passed = await window.SpliceAsync(Unseen, cancellation).ConfigureAwait(false);
            _left -= passed;
            if (passed > 0 && _request.Handling == ResponseHandling.StreamWithTail)
            {
                _walker.Skipped(passed);
            }
        }

        if (_left > 0 || !window.Unseen.IsEmpty)
        {
            throw new EndOfStreamException("the broker closed in the middle of a response");
        }
    }

    /// <summary>How many of the bytes that come next nobody has to look at.</summary>
    private int Unseen => _left == 0 ? 0 : _request.Handling switch
    {
        ResponseHandling.Pass => _left,

        // The last byte is looked at: it tells that the response was whole.
        ResponseHandling.StreamWithTail => Math.Min(_walker.Skipping, _left - 1),
        _ => 0,
    };

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(FrameWindow window, CancellationToken cancellation)
    {
        if (_left == 0)
        {
            return await window.FillAsync(cancellation).ConfigureAwait(false);
        }

        context.Stalls.ReadBegins();
        var more = await window.FillAsync(cancellation).ConfigureAwait(false);
        context.Stalls.ReadEnds();
        return more;
    }

    /// <summary>Reads a response's head; false when more bytes are needed.</summary>
    private bool TryBegin(FrameWindow window)
    {
        var unseen = window.Unseen.Span;
        if (unseen.Length < LengthBytes)
        {
            return false;
        }

        var size = BinaryPrimitives.ReadInt32BigEndian(unseen);
        if (size >= 0 && size <= context.Settings.MaxFrame && context.InFlight.TryTakeToken(out _request))
        {
            context.Metrics.CountResponseBytes(size + LengthBytes);
            _left = size + LengthBytes;
            return true;
        }

        if (unseen.Length < HeadLength)
        {
            return false;
        }

        if (size < 4 || size > context.Settings.MaxFrame)
        {
            throw new RelayException($"the broker sent a frame of {size} bytes; from 4 to {context.Settings.MaxFrame} are possible");
        }

        var correlationId = BinaryPrimitives.ReadInt32BigEndian(unseen[4..]);
        if (!context.InFlight.TryTake(correlationId, out _request))
        {
            throw new RelayException($"the broker answered correlation id {correlationId}, which is not in flight");
        }

        context.Metrics.CountResponseBytes(size + 4);
        _left = size + 4;
        window.Begin(_left);
        if (_request.Handling == ResponseHandling.StreamWithTail)
        {
            if (_left == HeadLength)
            {
                throw new RelayException("the broker's response has no fields");
            }

            _walker.Begin(TailLayout.Of(_request.ApiKey, _request.Version)!);
            window.Pass(HeadLength);
            _left -= HeadLength;
        }

        return true;
    }

    /// <summary>Goes on inside a response that is passed; false when more bytes are needed.</summary>
    private bool Continue(FrameWindow window)
    {
        var unseen = window.Unseen;
        var inFrame = Math.Min(_left, unseen.Length);
        if (_request.Handling is ResponseHandling.Pass or ResponseHandling.Token)
        {
            window.Pass(inFrame);
            _left -= inFrame;
            return _left == 0;
        }

        var atTail = _walker.Advance(unseen.Span[..inFrame], out var consumed);
        var sawEnd = inFrame == _left;
        window.Pass(consumed);
        _left -= consumed;
        if (!atTail)
        {
            return sawEnd ? throw new RelayException("the broker's response ends before its fields do") : false;
        }

        if (_left > FrameWindow.Size / 2)
        {
            throw new RelayException($"the broker's response ends with {_left} bytes of node endpoints");
        }

        if (inFrame - consumed < _left)
        {
            return false;
        }

        EndpointTail.Overwrite(unseen.Slice(consumed, _left), TailLayout.Of(_request.ApiKey, _request.Version)!.IsTagged, context.Identity);
        window.Pass(_left);
        _left = 0;
        return true;
    }

    private async ValueTask TakeWholeAsync(FrameWindow window, CancellationToken cancellation)
    {
        await window.SendAsync(cancellation).ConfigureAwait(false);
        context.Stalls.ReadBegins();
        var (frame, rented) = await window.TakeAsync(_left, cancellation).ConfigureAwait(false);
        context.Stalls.ReadEnds();
        _left = 0;
        try
        {
            switch (_request.Handling)
            {
                case ResponseHandling.Replace:
                    await window.SendInsteadAsync(_request.Replacement, cancellation).ConfigureAwait(false);
                    break;
                case ResponseHandling.Own:
                    _request.Waiter!.TrySetResult(frame.ToArray());
                    break;
                default:
                    using (var rewritten = new WireWriter(frame.Length + 256))
                    {
                        ResponseRewriter.Append(rewritten, _request.ApiKey, _request.Version, frame, context.Identity);
                        await window.SendInsteadAsync(rewritten.Written, cancellation).ConfigureAwait(false);
                    }

                    break;
            }
        }
        finally
        {
            FrameWindow.Return(rented);
        }
    }
}

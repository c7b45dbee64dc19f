using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Rewriting;

namespace Switchback.Proxy.Relay;

/// <summary>
/// Client to broker. Reads the head of each request, remembers what its response will need, and passes the bytes as they came. The exceptions stand between two
/// messages: a request that may not pass is replaced by a harmless one whose response is replaced in turn, so that answers stay in order; and a session that is
/// about to end is authenticated again.
/// </summary>
internal sealed class RequestPump(RelayContext context, Stream client)
{
    private readonly Reauthentication? _reauthentication = context.Credentials is { } credentials ? new Reauthentication(context, credentials) : null;

    private int _tokens;

    /// <summary>Ends when the client does. Throws <see cref="RelayException"/>, or what the sockets throw.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var window = new FrameWindow(client, context.Upstream.Stream, SpliceRoute.Between(client, context.Upstream.Stream, context.Stalls, fromBroker: false));
        var bodyLeft = 0;
        while (await window.FillAsync(cancellation).ConfigureAwait(false))
        {
            while (true)
            {
                if (bodyLeft > 0)
                {
                    var part = Math.Min(bodyLeft, window.Unseen.Length);
                    window.Pass(part);
                    bodyLeft -= part;
                }

                if (bodyLeft == 0 && _tokens > 0)
                {
                    if (!BareTokens.TryParse(window.Unseen.Span, context.Settings.MaxFrame, out bodyLeft))
                    {
                        break;
                    }

                    _tokens--;
                    await RememberAsync(window, new InFlightRequest(0, 0, 0, ResponseHandling.Token), cancellation).ConfigureAwait(false);
                    continue;
                }

                if (bodyLeft > 0 || !RequestHead.TryParse(window.Unseen.Span, context.Settings.MaxFrame, context.Settings.AcksZeroNeverUsed, out var head))
                {
                    break;
                }

                if (_reauthentication?.IsDue ?? false)
                {
                    await SendAsync(window, cancellation).ConfigureAwait(false);
                    await _reauthentication.RunAsync(cancellation).ConfigureAwait(false);
                }

                context.Metrics.CountRequest(head.ApiKey, head.Version, head.Size + 4);
                if (Refusal.Of(head, context.Settings.Forbidden) is { } refusal)
                {
                    await SendAsync(window, cancellation).ConfigureAwait(false);
                    await RefuseAsync(window, head, refusal, cancellation).ConfigureAwait(false);
                    continue;
                }

                if (head is { ApiKey: SaslHandshakeRequest.ApiKey, Version: 0 })
                {
                    await ShakeHandsAsync(window, head, cancellation).ConfigureAwait(false);
                    continue;
                }

                if (head.IsAnswered)
                {
                    await RememberAsync(window, new InFlightRequest(head.CorrelationId, head.ApiKey, head.Version, HandlingOf(head)), cancellation).ConfigureAwait(false);
                }

                bodyLeft = head.Size + 4;
                window.Begin(bodyLeft);
            }

            await SendAsync(window, cancellation).ConfigureAwait(false);
            bodyLeft -= await window.SpliceAsync(bodyLeft, cancellation).ConfigureAwait(false);
        }

        if (bodyLeft > 0 || !window.Unseen.IsEmpty)
        {
            throw new EndOfStreamException("the client closed in the middle of a request");
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(FrameWindow window, CancellationToken cancellation)
    {
        context.Stalls.WriteBegins();
        await window.SendAsync(cancellation).ConfigureAwait(false);
        context.Stalls.WriteEnds();
    }

    private static ResponseHandling HandlingOf(RequestHead head) =>
        ResponseRewriter.Rewrites(head.ApiKey) ? ResponseHandling.Rewrite
        : TailLayout.Of(head.ApiKey, head.Version) is not null ? ResponseHandling.StreamWithTail
        : ResponseHandling.Pass;

    private async ValueTask RememberAsync(FrameWindow window, InFlightRequest request, CancellationToken cancellation)
    {
        while (!context.InFlight.TryAdd(request))
        {
            // The broker must see what it is to answer, or there will never be space.
            await SendAsync(window, cancellation).ConfigureAwait(false);
            await context.InFlight.WaitForSpaceAsync().WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task ShakeHandsAsync(FrameWindow window, RequestHead head, CancellationToken cancellation)
    {
        await SendAsync(window, cancellation).ConfigureAwait(false);
        var (frame, rented) = await window.TakeAsync(head.Size + 4, cancellation).ConfigureAwait(false);
        var whole = new byte[head.Size + 4];
        BinaryPrimitives.WriteInt32BigEndian(whole, head.Size);
        frame.CopyTo(whole.AsMemory(4));
        FrameWindow.Return(rented);
        _tokens = BareTokens.After(whole.AsMemory(4));
        await RememberAsync(window, new InFlightRequest(head.CorrelationId, head.ApiKey, head.Version, ResponseHandling.Pass), cancellation).ConfigureAwait(false);
        await window.SendInsteadAsync(whole, cancellation).ConfigureAwait(false);
    }

    private async Task RefuseAsync(FrameWindow window, RequestHead head, Refusal refusal, CancellationToken cancellation)
    {
        if (refusal.ClosesBecause is { } reason)
        {
            throw new RelayException(reason);
        }

        if (refusal.IsForbidden && ApiTable.TryGet(head.ApiKey, out var api))
        {
            context.Log.Forbidden(api.Name, head.ApiKey, context.Client);
        }

        var (frame, rented) = await window.TakeAsync(head.Size + 4, cancellation).ConfigureAwait(false);
        var response = refusal.Respond(head, frame);
        FrameWindow.Return(rented);
        if (!head.IsAnswered)
        {
            return;
        }

        await RememberAsync(window, new InFlightRequest(head.CorrelationId, ApiVersionsRequest.ApiKey, 0, ResponseHandling.Replace, response), cancellation).ConfigureAwait(false);
        using var harmless = new WireWriter();
        KafkaFrame.WriteRequest(harmless, ApiVersionsRequest.ApiKey, 0, head.CorrelationId, context.Settings.ClientId, new ApiVersionsRequest());
        await window.SendInsteadAsync(harmless.Written, cancellation).ConfigureAwait(false);
    }
}

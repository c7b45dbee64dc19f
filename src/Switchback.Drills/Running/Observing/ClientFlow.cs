using Switchback.Drills.Ledger;

namespace Switchback.Drills.Running.Observing;

/// <summary>How far one application is, as its ledger lines come in. Safe to read from any thread.</summary>
internal sealed class ClientFlow
{
    private long sent;
    private long acknowledged;
    private long delivered;

    public long Sent => Interlocked.Read(ref sent);

    public long Acknowledged => Interlocked.Read(ref acknowledged);

    public long Delivered => Interlocked.Read(ref delivered);

    public void Count(ObservationKind kind)
    {
        switch (kind)
        {
            case ObservationKind.Sent:
                Interlocked.Increment(ref sent);
                break;
            case ObservationKind.Acknowledged:
                Interlocked.Increment(ref acknowledged);
                break;
            case ObservationKind.Delivered:
                Interlocked.Increment(ref delivered);
                break;
            default:
                break;
        }
    }
}

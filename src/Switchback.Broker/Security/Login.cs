namespace Switchback.Broker.Security;

/// <summary>
/// A login on a live connection. Where <c>connections.max.reauth.ms</c> is set it lasts that long: until then the client logs in anew (KIP-368), as the same user and with the
/// same mechanism, and at most once a second. A request that comes later ends the connection.
/// </summary>
internal sealed class Login(string user, string mechanism, TimeSpan? lifetime, TimeProvider time)
{
    private static readonly TimeSpan LeastBetweenRenewals = TimeSpan.FromSeconds(1);
    private readonly long _since = time.GetTimestamp();
    private long? _renewalBegan;

    /// <summary>How long it lasts, as clients are told; 0 for as long as the connection.</summary>
    public long LifetimeMs => (long)(lifetime?.TotalMilliseconds ?? 0);

    public bool IsOver => lifetime is { } limit && time.GetElapsedTime(_since) > limit;

    /// <summary>Whether a login may begin now in place of this one.</summary>
    public bool TryBeginRenewal()
    {
        if (lifetime is null || (_renewalBegan is { } began && time.GetElapsedTime(began) < LeastBetweenRenewals))
            return false;
        _renewalBegan = time.GetTimestamp();
        return true;
    }

    /// <summary>The login that follows this one; it may be followed in turn as soon as this one might have been.</summary>
    public Login Renewed() => new(user, mechanism, lifetime, time) { _renewalBegan = _renewalBegan };

    /// <summary>Ends the connection of a client that goes on with another mechanism. Like Apache Kafka it says nothing: what is chosen is answered, what follows is not.</summary>
    /// <exception cref="InvalidDataException">It does.</exception>
    public void CheckMechanism(string next)
    {
        if (next != mechanism)
            throw new InvalidDataException($"a login by {mechanism} was to be renewed by {next}");
    }

    /// <summary>Why somebody may not go on in place of this user; null when they may.</summary>
    public string? Refusal(string nextUser) => nextUser == user ? null : $"Cannot change principals during re-authentication from User.{user}: User.{nextUser}";
}

namespace Switchback.Proxy.Upstream;

/// <summary>When to authenticate again on a connection whose session ends (KIP-368).</summary>
internal static class SessionLifetime
{
    /// <summary>At 85 to 95 % of the lifetime, so that connections made together do not all come back together.</summary>
    public static long AuthenticateAgainAt(long lifetimeMs) =>
        lifetimeMs <= 0 ? long.MaxValue : Environment.TickCount64 + (long)(lifetimeMs * (0.85 + (Random.Shared.NextDouble() * 0.1)));
}

using Switchback.Broker.Security;

namespace Switchback.Broker.Network;

/// <summary>How far a connection has come with showing who it is.</summary>
internal enum AuthenticationState
{
    /// <summary>SASL is asked for and has not begun.</summary>
    Unauthenticated,

    /// <summary>A mechanism is chosen; the next messages are its tokens.</summary>
    Exchanging,

    /// <summary>The connection may ask for anything.</summary>
    Authenticated,

    /// <summary>The credentials were wrong: the answer that says so is the last one.</summary>
    Failed,
}

/// <summary>What a connection remembers between its requests.</summary>
/// <param name="broker">The broker it is connected to.</param>
/// <param name="clientHost">The client's address as groups list it.</param>
/// <param name="time">What measures how long a login lasts; the system's clock when null.</param>
internal sealed class ConnectionSession(BrokerNode broker, string clientHost, TimeProvider? time = null)
{
    public BrokerNode Broker { get; } = broker;

    /// <summary>The client's address as groups list it: <c>/127.0.0.1</c>.</summary>
    public string ClientHost { get; } = clientHost;

    public AuthenticationState State { get; set; } = broker.Listener.UsesSasl ? AuthenticationState.Unauthenticated : AuthenticationState.Authenticated;

    public ISaslExchange? Exchange { get; set; }

    /// <summary>Who has logged in with what, and for how long; null before the first login.</summary>
    public Login? Login { get; set; }

    /// <summary>The mechanism of the login that is going on.</summary>
    public string Mechanism { get; set; } = "";

    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    /// <summary>Whether tokens come as bare frames, as after version 0 of SaslHandshake.</summary>
    public bool BareTokens { get; set; }

    public string Principal { get; set; } = "User:ANONYMOUS";
}

namespace Switchback.Proxy.Settings;

/// <summary>What a flag's value looks like, by the rules of Go's pflag, which users' container arguments are written for.</summary>
public enum ProxyFlagKind
{
    /// <summary>True when given without a value; <c>--flag=false</c> turns it off.</summary>
    Bool,

    /// <summary>Any text.</summary>
    Text,

    /// <summary>A decimal integer.</summary>
    Number,

    /// <summary>A Go duration: <c>15s</c>, <c>1m30s</c>, <c>250ms</c>.</summary>
    Duration,

    /// <summary>May be given several times; each value is one entry, commas and all.</summary>
    Repeated,

    /// <summary>May be given several times; commas separate entries.</summary>
    List,
}

/// <summary>How far this proxy follows a flag.</summary>
public enum ProxyFlagSupport
{
    /// <summary>It does what it says.</summary>
    Yes,

    /// <summary>Accepted and without effect, because nothing here needs it.</summary>
    NoEffect,

    /// <summary>Recognised and answered at the start: the proxy does not run without what the flag asks for.</summary>
    Refused,
}

/// <summary>One flag of <c>proxy server</c>.</summary>
/// <param name="Name">The name without the two dashes.</param>
/// <param name="Kind">What its value looks like.</param>
/// <param name="Default">The value when it is not given, as it would be typed.</param>
/// <param name="Support">How far it is followed.</param>
/// <param name="Help">One line for the help and for the table in the documentation.</param>
public sealed record ProxyFlag(string Name, ProxyFlagKind Kind, string Default, ProxyFlagSupport Support, string Help);

namespace Switchback.Broker.Configuration;

/// <summary>How an embedded cluster is asked for.</summary>
public sealed record BrokerOptions
{
    /// <summary>
    /// The listeners, <c>[NAME://]HOST:PORT</c>, each of them one broker, with ids from 1 in this order; port 0 takes any that is free. A listener without a
    /// name is called <c>CLIENTS</c>. Empty when the configuration's own <c>listeners</c> hold.
    /// </summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>The directory that holds all data; it is made when it is missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>A file of <c>server.properties</c> keys; null for the defaults.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>Whether the machine is taken to have lost power since: every log is cut back to what was forced to disk. A cluster that ended in good order loses nothing by it.</summary>
    public bool AfterPowerLoss { get; init; }

    /// <summary>The path of a Unix socket at which single brokers are stopped, killed and started; null for none.</summary>
    public string? ControlSocket { get; init; }
}

using System.Globalization;
using System.Security.Cryptography;

namespace Switchback.Clients.Tests.Clients;

/// <summary>A client for Node.js. What it is made of comes from the npm registry when it is first used, as <c>package-lock.json</c> says.</summary>
internal abstract class NodeClient : ScriptClient
{
    private static readonly Lazy<Task<string?>> Installed = new(InstallAsync);

    protected override string Interpreter => "node";

    /// <summary>The oldest major version of Node.js that it runs on.</summary>
    protected abstract int OldestNode { get; }

    public override async Task<string?> WhyMissingAsync()
    {
        if (await Installed.Value is { } missing)
            return missing;
        var version = (await Tool.RunAsync("node", ["--version"])).Output.Trim();
        return int.Parse(version[1..version.IndexOf('.')], CultureInfo.InvariantCulture) >= OldestNode ? null : $"{Name} needs Node.js {OldestNode}; here is {version}";
    }

    private static async Task<string?> InstallAsync()
    {
        if (Tool.Find("node") is null || Tool.Find("npm") is null)
            return "node and npm are not on this machine";
        var (locked, marker) = (Path.Combine(Scripts, "package-lock.json"), Path.Combine(Scripts, "node_modules", ".installed"));
        var wanted = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(locked)));
        if (File.Exists(marker) && await File.ReadAllTextAsync(marker) == wanted)
            return null;
        var npm = await Tool.RunAsync("npm", ["ci", "--prefix", Scripts, "--no-audit", "--no-fund", "--ignore-scripts"]);
        if (npm.ExitCode != 0)
            return $"npm could not bring the JavaScript clients in: {npm.Errors.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal))}";
        await File.WriteAllTextAsync(marker, wanted);
        return null;
    }
}

/// <summary>kafkajs.</summary>
internal sealed class KafkaJsClient : NodeClient
{
    public override string Name => "kafkajs";

    public override IReadOnlyList<string> Codecs => ["none", "gzip"];

    public override bool CommitsOffsetsInTransactions => true;

    protected override int OldestNode => 14;

    protected override string Script => "kafkajs.mjs";

    protected override string Mechanism => "SCRAM-SHA-256";
}

/// <summary>@platformatic/kafka.</summary>
internal sealed class PlatformaticClient : NodeClient
{
    public override string Name => "@platformatic/kafka";

    public override IReadOnlyList<string> Codecs => ["none", "gzip", "snappy", "lz4"];

    // It can join a new group. But straight on Apache Kafka a first member did not make room for a second one within three minutes.
    public override bool HasNewGroups => false;

    protected override int OldestNode => 20;

    protected override string Script => "platformatic.mjs";

    protected override string Mechanism => "SCRAM-SHA-512";
}

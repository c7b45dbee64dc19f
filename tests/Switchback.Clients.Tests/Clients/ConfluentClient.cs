namespace Switchback.Clients.Tests.Clients;

/// <summary>Confluent.Kafka, in a program of its own.</summary>
internal sealed class ConfluentClient : ScriptClient
{
    public override string Name => "Confluent.Kafka";

    public override IReadOnlyList<string> Codecs => ["none", "gzip", "snappy", "lz4", "zstd"];

    public override bool CommitsOffsetsInTransactions => true;

    public override bool IsIdempotent => true;

    public override bool HasNewGroups => true;

    protected override string Interpreter => "dotnet";

    protected override string Script => Path.Combine(AppContext.BaseDirectory, "Switchback.Clients.Confluent.dll");

    protected override string Mechanism => "SCRAM-SHA-512";

    public override Task<string?> WhyMissingAsync() => Task.FromResult<string?>(null);
}

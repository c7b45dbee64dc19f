using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Clients;

/// <summary>kafka-python, as Debian packages it.</summary>
internal sealed class KafkaPythonClient : ScriptClient
{
    private static readonly Lazy<Task<string?>> Found = new(FindAsync);

    public override string Name => "kafka-python";

    public override IReadOnlyList<string> Codecs => ["none", "gzip"];

    public override bool Transacts => false;

    // The system's own, which is where its package puts the library.
    protected override string Interpreter => "/usr/bin/python3";

    protected override string Script => "kafka_python.py";

    protected override string Mechanism => "PLAIN";

    public override Task<string?> WhyMissingAsync() => Found.Value;

    public override Task<IReadOnlyList<string>> TransactAsync(ClientTarget target, Judge judge, string topic, string group) => throw new NotSupportedException();

    private static async Task<string?> FindAsync() =>
        File.Exists("/usr/bin/python3") && (await Tool.RunAsync("/usr/bin/python3", ["-c", "import kafka"])).ExitCode == 0 ? null : "kafka-python (python3-kafka) is not on this machine";
}

using System.Text.Json;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Clients;

/// <summary>A client driven by a program of its own: a script of <c>Scripts/</c>, or what is built for it.</summary>
internal abstract class ScriptClient : ForeignClient
{
    protected static string Scripts { get; } = Path.Combine(AppContext.BaseDirectory, "Scripts");

    /// <summary>The program that runs the script.</summary>
    protected abstract string Interpreter { get; }

    /// <summary>The script's name in <c>Scripts/</c>, or the path of another file.</summary>
    protected abstract string Script { get; }

    /// <summary>The mechanism it logs in with.</summary>
    protected abstract string Mechanism { get; }

    public override async Task<ClientSession> ProduceAsync(ClientTarget target, string topic, string codec = "none")
    {
        var session = Start(target, "produce", topic, codec);
        await session.ReadyAsync();
        return session;
    }

    public override ClientSession Join(ClientTarget target, string topic, string group, bool newProtocol = false) =>
        Start(target, ["consume", topic, group, .. newProtocol ? new[] { "consumer" } : []]);

    public override async Task<IReadOnlyList<Delivered>> ReadAsync(ClientTarget target, string topic, int partition, long offset, int count)
    {
        await using var session = Start(target, "read", topic, $"{partition}", $"{offset}", $"{count}");
        await session.WaitAsync();
        return session.Delivered;
    }

    public override async Task<IReadOnlyList<string>> TransactAsync(ClientTarget target, Judge judge, string topic, string group)
    {
        await using var session = Start(target, "transact", topic, $"tx-{topic}", group);
        await session.WaitAsync();
        return session.Acknowledged;
    }

    private ProgramSession Start(ClientTarget target, params string[] words)
    {
        var given = JsonSerializer.Serialize(new Dictionary<string, string?>
        {
            ["bootstrap"] = target.Bootstrap,
            ["ca"] = target.Login?.CaFile,
            ["user"] = target.Login?.User,
            ["password"] = target.Login?.Password,
            ["mechanism"] = Mechanism,
        });
        return new ProgramSession($"{Name} {words[0]}", Interpreter, [Path.Combine(Scripts, Script), .. words], new Dictionary<string, string> { ["FOREIGN_CLIENT"] = given });
    }
}

using System.Globalization;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Clients;

/// <summary>A client that is a program. The drivers of <c>Scripts/</c> tell their events in lines of words; other programs' lines are read by those who start them.</summary>
internal class ProgramSession : ClientSession
{
    private readonly string _name;
    private readonly Action<ProgramSession, string>? _readOutput;
    private readonly Action<ProgramSession, string>? _readErrors;
    private readonly bool _endsBySignal;
    private readonly int _signalled;
    private readonly Program _program;

    /// <param name="endsBySignal">It ends when it is asked to by SIGTERM; otherwise at the end of its input.</param>
    /// <param name="signalled">The exit code with which it may say that it was; Java's is 143, after its shutdown hooks have run.</param>
    public ProgramSession(
        string name,
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        Action<ProgramSession, string>? output = null,
        Action<ProgramSession, string>? errors = null,
        bool endsBySignal = false,
        int signalled = 143)
    {
        (_name, _readOutput, _readErrors, _endsBySignal, _signalled) = (name, output ?? ReadWords, errors, endsBySignal, signalled);
        _program = Program.Start(program, arguments, environment, line => _readOutput(this, line), line => _readErrors?.Invoke(this, line));
    }

    public override string Complaints => $"{_name}: {_program.Errors}";

    public override bool HasEnded => _program.HasExited;

    public bool IsReady { get; private set; }

    protected Program Running => _program;

    public override Task SendAsync(string value) => _program.GiveAsync(value);

    public override async Task EndAsync()
    {
        if (_endsBySignal)
            await _program.TerminateAsync();
        // Also after a signal: kcat looks at it when its reading returns.
        _program.EndInput();
        await _program.WaitAsync(_name);
        Assert.True(_program.ExitCode == 0 || (_endsBySignal && _program.ExitCode == _signalled), $"{_name} ended with {_program.ExitCode}: {_program.Errors}");
    }

    /// <summary>Waits until a program that ends by itself has.</summary>
    public async Task WaitAsync()
    {
        await _program.WaitAsync(_name);
        Assert.True(_program.ExitCode == 0, $"{_name} ended with {_program.ExitCode}: {_program.Errors}");
    }

    public Task ReadyAsync() => Eventually.HoldsAsync(() => IsReady || _program.HasExited, $"{_name} is ready: {_program.Errors}");

    public override async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public new void Acknowledge(string value) => base.Acknowledge(value);

    public new void Deliver(Delivered record) => base.Deliver(record);

    public new void Assign(IEnumerable<int> partitions) => base.Assign(partitions);

    public new void AssignAlso(IEnumerable<int> partitions) => base.AssignAlso(partitions);

    public new void Revoke(IEnumerable<int> partitions) => base.Revoke(partitions);

    /// <summary>A record as drivers and kcat print it: partition, offset and value with tabs between.</summary>
    public static Delivered Record(ReadOnlySpan<string> words) => new(int.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture), words[2]);

    private static void ReadWords(ProgramSession session, string line)
    {
        switch (line.Split('\t'))
        {
            case ["ready"]:
                session.IsReady = true;
                break;
            case ["ack", var value]:
                session.Acknowledge(value);
                break;
            case ["got", .. var record]:
                session.Deliver(Record(record));
                break;
            case ["assigned", var partitions]:
                session.Assign(partitions.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => int.Parse(p, CultureInfo.InvariantCulture)));
                break;
        }
    }
}

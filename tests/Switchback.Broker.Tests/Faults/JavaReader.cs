using System.Collections.Concurrent;
using System.Diagnostics;

namespace Switchback.Broker.Tests.Faults;

/// <summary>Apache Kafka's console consumer, reading a topic from its beginning for as long as it is left to.</summary>
internal sealed class JavaReader : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private JavaReader(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The values read so far.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public static JavaReader Start(string bootstrap, string topic) => new(Process.Start(ApacheKafka.Talking(
        "/bin/sh", ApacheKafka.ToolEndingWithInput(["console-consumer", "--bootstrap-server", bootstrap, "--topic", topic, "--from-beginning"])))!);

    /// <summary>Waits until it has read a value.</summary>
    public Task SeesAsync(string value) => Eventually.SeenAsync(() => Lines, lines => lines.Contains(value), $"the consumer reads {value}");

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is { Length: > 0 })
            _lines.Enqueue(line);
    }
}

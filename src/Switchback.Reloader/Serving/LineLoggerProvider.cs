using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Switchback.Reloader.Serving;

/// <summary>Log lines as users of stakater/Reloader parse them: <c>time="…" level=info msg="…"</c>, or a JSON object a line with the same keys.</summary>
public sealed class LineLoggerProvider(TextWriter output, LogLevel minimum, bool json) : ILoggerProvider
{
    private readonly Lock gate = new();

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new Line(this);

    /// <inheritdoc />
    public void Dispose()
    {
        // The writer is the process's own standard error: it outlives us.
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    private void Write(LogLevel level, string message)
    {
        var time = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var line = json
            ? new JsonObject { ["level"] = Name(level), ["msg"] = message, ["time"] = time }.ToJsonString(Relaxed.Options)
            : $"time=\"{time}\" level={Name(level)} msg={JsonValue.Create(message).ToJsonString(Relaxed.Options)}";
        lock (gate)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    private sealed class Line(LineLoggerProvider provider) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= provider.Minimum && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                provider.Write(logLevel, formatter(state, exception));
            }
        }
    }

    private LogLevel Minimum => minimum;

    private static class Relaxed
    {
        public static readonly System.Text.Json.JsonSerializerOptions Options =
            new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    }
}

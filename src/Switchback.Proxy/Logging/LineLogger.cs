using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Switchback.Proxy.Logging;

/// <summary>
/// One line an event on standard error: <c>time=".." level=info msg=".."</c>, or a JSON object with the same three fields
/// under configurable names, so that log pipelines made for grepplabs/kafka-proxy go on working.
/// </summary>
internal sealed class LineLogger(LogSettings settings, Stream output) : ILogger
{
    // Lines are read by people and log pipelines, not by browsers: nothing but control characters and quotes needs escaping.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = Encoder };

    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _line = new(512);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= settings.Least && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var message = formatter(state, exception);
        if (exception is not null)
        {
            message = $"{message}: {exception.GetType().Name}: {exception.Message}";
        }

        var time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        lock (_lock)
        {
            _line.ResetWrittenCount();
            if (settings.Json)
            {
                using var json = new Utf8JsonWriter(_line, Relaxed);
                json.WriteStartObject();
                json.WriteString(settings.LevelField, NameOf(logLevel));
                json.WriteString(settings.MessageField, message);
                json.WriteString(settings.TimeField, time);
                json.WriteEndObject();
            }
            else
            {
                Encoding.UTF8.GetBytes($"time=\"{time}\" level={NameOf(logLevel)} msg=\"{JsonEncodedText.Encode(message, Encoder)}\"", _line);
            }

            _line.Write("\n"u8);
            output.Write(_line.WrittenSpan);
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        LogLevel.Critical => "fatal",
        _ => "info",
    };
}

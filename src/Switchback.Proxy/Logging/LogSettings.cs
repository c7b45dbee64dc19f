using Microsoft.Extensions.Logging;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Logging;

/// <summary>How log lines look.</summary>
internal sealed record LogSettings(bool Json, LogLevel Least, string LevelField, string TimeField, string MessageField)
{
    public static LogSettings Read(FlagValues values)
    {
        var format = values.OneOf("log-format", "text", "json");
        var level = values.OneOf("log-level", "trace", "debug", "info", "warning", "warn", "error", "fatal", "panic");
        return new LogSettings(
            format == "json", LevelOf(level), values.Text("log-level-fieldname"), values.Text("log-time-fieldname"), values.Text("log-msg-fieldname"));
    }

    private static LogLevel LevelOf(string name) => name switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "warning" or "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "fatal" or "panic" => LogLevel.Critical,
        _ => LogLevel.Information,
    };
}

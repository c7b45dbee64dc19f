using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Switchback.Drills.Reports;

/// <summary>A piece of markup. Made from an interpolated text whose values are escaped unless they are markup themselves.</summary>
internal readonly record struct Html(string Markup)
{
    public static Html None { get; } = new("");

    public static Html Of(HtmlHandler text) => new(text.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(part => part.Markup)));

    public static Html When(bool condition, HtmlHandler text) => condition ? Of(text) : None;
}

/// <summary>Builds markup from an interpolated text: literal parts as they are, values escaped, numbers with a decimal point.</summary>
[InterpolatedStringHandler]
internal readonly struct HtmlHandler
{
    private readonly StringBuilder _markup;

    public HtmlHandler(int literalLength, int formattedCount) => _markup = new StringBuilder(literalLength + (formattedCount * 16));

    public void AppendLiteral(string markup) => _markup.Append(markup);

    public void AppendFormatted(Html markup) => _markup.Append(markup.Markup);

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (var part in parts)
        {
            _markup.Append(part.Markup);
        }
    }

    public void AppendFormatted(string? text) => _markup.Append(WebUtility.HtmlEncode(text));

    public void AppendFormatted<T>(T value, string? format = null)
        where T : IFormattable =>
        _markup.Append(WebUtility.HtmlEncode(value.ToString(format, CultureInfo.InvariantCulture)));

    public override string ToString() => _markup.ToString();
}

namespace Switchback.Proxy.Rewriting;

/// <summary>One step on the way through a response to its tail.</summary>
internal enum LayoutOp : byte
{
    /// <summary><see cref="LayoutStep.Size"/> bytes.</summary>
    Fixed,

    /// <summary>A compact string or compact bytes, records included.</summary>
    Compact,

    /// <summary>A compact array; its elements are the steps up to the matching <see cref="ArrayEnd"/>.</summary>
    ArrayBegin,

    /// <summary>The end of an element.</summary>
    ArrayEnd,

    /// <summary>A section of tagged fields.</summary>
    Tags,
}

/// <summary>A step; <paramref name="Size"/> is the bytes of a fixed one, or where the matching end or beginning of an array is.</summary>
internal readonly record struct LayoutStep(LayoutOp Op, int Size = 0);

/// <summary>
/// The shape of a response up to the node endpoints at its end, so that it can be walked through while it streams. The tail is either the last section of tagged
/// fields with the endpoints as tag 0, or the endpoints as an ordinary array followed by that section.
/// </summary>
internal sealed class TailLayout
{
    private TailLayout(bool tagged, params LayoutStep[] steps)
    {
        IsTagged = tagged;
        Steps = steps;
        var open = new Stack<int>();
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i].Op == LayoutOp.ArrayBegin)
            {
                open.Push(i);
            }
            else if (steps[i].Op == LayoutOp.ArrayEnd)
            {
                var begin = open.Pop();
                steps[i] = new LayoutStep(LayoutOp.ArrayEnd, begin);
                steps[begin] = new LayoutStep(LayoutOp.ArrayBegin, i);
            }
        }
    }

    public bool IsTagged { get; }

    public LayoutStep[] Steps { get; }

    private static LayoutStep Compact => new(LayoutOp.Compact);

    private static LayoutStep Array => new(LayoutOp.ArrayBegin);

    private static LayoutStep End => new(LayoutOp.ArrayEnd);

    private static LayoutStep Tags => new(LayoutOp.Tags);

    // Each begins with the tags of the response header. 16: a topic id.
    private static readonly TailLayout ProduceByName = new(true, Tags, Array, Compact, Array, Fixed(30), Array, Fixed(4), Compact, Tags, End, Compact, Tags, End, Tags, End, Fixed(4));

    private static readonly TailLayout ProduceById = new(true, Tags, Array, Fixed(16), Array, Fixed(30), Array, Fixed(4), Compact, Tags, End, Compact, Tags, End, Tags, End, Fixed(4));

    private static readonly TailLayout Fetch = new(
        true, Tags, Fixed(10), Array, Fixed(16), Array, Fixed(30), Array, Fixed(16), Tags, End, Fixed(4), Compact, Tags, End, Tags, End);

    private static readonly TailLayout ShareFetch = new(
        false,
        Tags, Fixed(6), Compact, Fixed(4),
        Array, Fixed(16), Array, Fixed(6), Compact, Fixed(2), Compact, Fixed(8), Tags, Compact, Array, Fixed(18), Tags, End, Tags, End, Tags, End);

    private static readonly TailLayout ShareAcknowledge1 = new(
        false, Tags, Fixed(6), Compact, Array, Fixed(16), Array, Fixed(6), Compact, Fixed(8), Tags, Tags, End, Tags, End);

    private static readonly TailLayout ShareAcknowledge2 = new(
        false, Tags, Fixed(6), Compact, Fixed(4), Array, Fixed(16), Array, Fixed(6), Compact, Fixed(8), Tags, Tags, End, Tags, End);

    /// <summary>The layout of a response that ends with node endpoints; null for one that does not.</summary>
    public static TailLayout? Of(short apiKey, short version) => (apiKey, version) switch
    {
        (0, 10 or 11 or 12) => ProduceByName,
        (0, >= 13) => ProduceById,
        (1, >= 16) => Fetch,
        (78, _) => ShareFetch,
        (79, 1) => ShareAcknowledge1,
        (79, _) => ShareAcknowledge2,
        _ => null,
    };

    private static LayoutStep Fixed(int size) => new(LayoutOp.Fixed, size);
}

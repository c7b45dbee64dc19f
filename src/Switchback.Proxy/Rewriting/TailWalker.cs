using Switchback.Proxy.Relay;

namespace Switchback.Proxy.Rewriting;

/// <summary>
/// Walks through one response as its bytes come in, to the place where its tail begins. Keeps its place between reads, holds nothing back but the few bytes of a
/// number that is cut in two, and allocates nothing.
/// </summary>
internal sealed class TailWalker
{
    private readonly (int Begin, uint Left)[] _arrays = new (int, uint)[4];
    private LayoutStep[] _steps = [];
    private int _at;
    private int _depth;
    private uint _skip;
    private uint _tags;
    private bool _inTags;

    /// <summary>How many of the next bytes it would consume without looking at them.</summary>
    public int Skipping => (int)Math.Min(_skip, int.MaxValue);

    /// <summary>So many of them have passed elsewhere.</summary>
    public void Skipped(int count) => _skip -= (uint)count;

    public void Begin(TailLayout layout)
    {
        _steps = layout.Steps;
        _at = 0;
        _depth = 0;
        _skip = 0;
        _inTags = false;
    }

    /// <summary>Consumes what it can; true when the tail begins after the bytes consumed.</summary>
    public bool Advance(ReadOnlySpan<byte> bytes, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            if (_skip > 0)
            {
                var step = (int)Math.Min(_skip, (uint)(bytes.Length - consumed));
                consumed += step;
                _skip -= (uint)step;
                if (_skip > 0)
                {
                    return false;
                }
            }

            if (_at == _steps.Length)
            {
                return true;
            }

            if (!TryStep(bytes, ref consumed))
            {
                return false;
            }
        }
    }

    private bool TryStep(ReadOnlySpan<byte> bytes, ref int consumed)
    {
        var step = _steps[_at];
        switch (step.Op)
        {
            case LayoutOp.Fixed:
                _skip = (uint)step.Size;
                _at++;
                return true;

            case LayoutOp.Compact:
                if (!Varint.TryRead(bytes, ref consumed, out var length))
                {
                    return false;
                }

                _skip = length == 0 ? 0 : length - 1;
                _at++;
                return true;

            case LayoutOp.ArrayBegin:
                if (!Varint.TryRead(bytes, ref consumed, out var count))
                {
                    return false;
                }

                if (count <= 1)
                {
                    _at = step.Size + 1;
                }
                else
                {
                    _arrays[_depth++] = (_at, count - 1);
                    _at++;
                }

                return true;

            case LayoutOp.ArrayEnd:
                ref var array = ref _arrays[_depth - 1];
                if (--array.Left > 0)
                {
                    _at = array.Begin + 1;
                }
                else
                {
                    _depth--;
                    _at++;
                }

                return true;

            default:
                return TryTags(bytes, ref consumed);
        }
    }

    private bool TryTags(ReadOnlySpan<byte> bytes, ref int consumed)
    {
        if (!_inTags)
        {
            if (!Varint.TryRead(bytes, ref consumed, out _tags))
            {
                return false;
            }

            _inTags = true;
        }

        if (_tags == 0)
        {
            _inTags = false;
            _at++;
            return true;
        }

        var next = consumed;
        if (!Varint.TryRead(bytes, ref next, out _) || !Varint.TryRead(bytes, ref next, out var size))
        {
            return false;
        }

        consumed = next;
        _skip = size;
        _tags--;
        return true;
    }
}

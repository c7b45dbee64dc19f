using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Switchback.Broker.Storage;

/// <content>
/// What is on the disk itself and not only in the system's memory: it outlives a loss of power, the rest does not. Closed segments always are; of the
/// open one a small file says how far.
/// </content>
internal sealed partial class PartitionLog
{
    private const int RecoveryPointDigits = 20;
    private long _lastFlush;

    /// <summary>The offset before which everything is on the disk itself.</summary>
    public long RecoveryPoint { get; private set; }

    /// <summary>How many records were given up at the opening because a loss of power took them.</summary>
    public long LostToPower { get; private set; }

    private string RecoveryPointPath => Path.Combine(_directory, LogFiles.RecoveryPoint);

    /// <summary>Forces to disk what waited for longer than the topic's <c>flush.ms</c>. Appends go on meanwhile.</summary>
    public void FlushIfDue(long now)
    {
        SafeFileHandle file;
        long end;
        lock (_gate)
        {
            if (_segments.Count == 0 || EndOffset == RecoveryPoint || now - _lastFlush < Settings.FlushMs)
                return;
            (file, end) = (Active.Handle, EndOffset);
        }

        try
        {
            RandomAccess.FlushToDisk(file);
        }
        catch (ObjectDisposedException)
        {
            // The segment was closed, and forced to disk by that, or deleted.
            return;
        }

        lock (_gate)
        {
            _lastFlush = now;
            if (end > RecoveryPoint && _segments.Count > 0)
                NoteFlushed(end);
        }
    }

    private void FlushIfMany(long end)
    {
        if (end - RecoveryPoint < Settings.FlushMessages)
            return;
        RandomAccess.FlushToDisk(Active.Handle);
        NoteFlushed(end);
    }

    /// <summary>Notes how far the log is on the disk. The note itself is not forced there: the loss of power it is for is one that a drill plays.</summary>
    private void NoteFlushed(long end)
    {
        using var file = File.OpenHandle(RecoveryPointPath, FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(end.ToString("D" + RecoveryPointDigits, CultureInfo.InvariantCulture)), 0);
        RecoveryPoint = end;
    }

    private void LoadRecoveryPoint()
    {
        var noted = File.Exists(RecoveryPointPath) && long.TryParse(File.ReadAllText(RecoveryPointPath), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : 0;
        RecoveryPoint = Math.Max(noted, Active.BaseOffset);
    }

    /// <summary>Cuts the log as a machine that lost power leaves it at the worst: what was not forced to disk is gone.</summary>
    private void LosePower()
    {
        var (keep, end) = (Active.Size, RecoveryPoint);
        SegmentScanner.ReadSound(Active, (batch, position) =>
        {
            if (batch.Header.BaseOffset >= RecoveryPoint)
                (keep, end) = (Math.Min(keep, position), batch.Header.NextOffset);
        });
        LostToPower = end - RecoveryPoint;
        Active.TruncateTo(keep);
    }
}

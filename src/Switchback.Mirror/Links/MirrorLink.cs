using Microsoft.Extensions.Logging;
using Switchback.Mirror.Configuration;
using Switchback.Mirror.Reading;
using Switchback.Mirror.Writing;

namespace Switchback.Mirror.Links;

/// <summary>A link for as long as the process runs: one session after the other, whatever happens to the clusters.</summary>
internal sealed class MirrorLink : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(800);

    private readonly ILogger _log;
    private readonly LinkClients _clients;
    private readonly ProducerFence _fence;
    private readonly SourceHealth _health = new();
    private volatile LinkSession? _session;
    private LinkState _state = LinkState.Starting;
    private string? _problem;

    public MirrorLink(LinkOptions options, MirrorOptions all, ILogger log)
    {
        Options = options;
        _log = log;
        Selection = new TopicSelection(options, all.Links);
        _clients = new LinkClients(all.Clusters[options.Source], all.Clusters[options.Target], options.Name);
        _fence = new ProducerFence(_clients.Target, options.TransactionalId);
    }

    public LinkOptions Options { get; }

    public TopicSelection Selection { get; }

    public LinkCounters Counters { get; } = new();

    public LinkClients Clients => _clients;

    /// <summary>The session there is, or null between two of them.</summary>
    public LinkSession? Session => _session;

    public LinkState State => _state == LinkState.Copying && _health.Problem is not null ? LinkState.SourceUnavailable : _state;

    /// <summary>What is wrong, or null.</summary>
    public string? Problem => _state == LinkState.Copying ? _health.Problem ?? _health.Growth ?? _health.Settings : _problem;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            using var session = new LinkSession(Options, Selection, _clients, _fence, Counters, _health, _log);
            _session = session;
            try
            {
                _health.Clear();
                await session.RunAsync(Started, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                _state = LinkState.Stopped;
                return;
            }
            catch (FencedException e)
            {
                (_state, _problem) = (LinkState.Fenced, e.Message);
                MirrorLog.LinkFenced(_log, Options.Name, e.Message);
                return;
            }
            catch (Exception e) when (LinkFailure.IsExpected(e))
            {
                if (_state == LinkState.Copying)
                    pause = FirstPause;
                if (_problem != e.Message)
                    MirrorLog.LinkFailed(_log, Options.Name, e.Message);
                _state = e is LinkSideException side ? (side.IsSource ? LinkState.SourceUnavailable : LinkState.TargetUnavailable) : LinkState.Starting;
                _problem = e.Message;
                Counters.AddRestart();
            }

            _session = null;
            try
            {
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                _state = LinkState.Stopped;
                return;
            }

            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }
    }

    public ValueTask DisposeAsync() => _clients.DisposeAsync();

    private void Started()
    {
        (_state, _problem) = (LinkState.Copying, null);
        MirrorLog.LinkStarted(_log, Options.Name);
    }
}

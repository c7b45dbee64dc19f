using Switchback.Kafka;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Network;

/// <summary>Answers one API. The versions it serves are what ApiVersions announces.</summary>
internal abstract class RequestHandler
{
    public abstract short ApiKey { get; }

    public abstract short LowestVersion { get; }

    public abstract short HighestVersion { get; }

    /// <summary>The lowest version ApiVersions names: lower than what is served where clients are known to ask for that.</summary>
    public virtual short AnnouncedLowestVersion => LowestVersion;

    /// <summary>Whether it may be asked before a client has logged in.</summary>
    public virtual bool BeforeAuthentication => false;

    /// <summary>Reads the request and answers it; null when nothing is to be sent back.</summary>
    public abstract ValueTask<IKafkaMessage?> AnswerAsync(ReadOnlyMemory<byte> body, RequestContext context);
}

/// <inheritdoc/>
/// <typeparam name="TRequest">The request.</typeparam>
/// <typeparam name="TResponse">What answers it.</typeparam>
internal abstract class RequestHandler<TRequest, TResponse> : RequestHandler
    where TRequest : IKafkaRequest<TRequest, TResponse>
    where TResponse : class, IKafkaMessage
{
    public sealed override short ApiKey => TRequest.ApiKey;

    public override short LowestVersion => TRequest.LowestVersion;

    public override short HighestVersion => TRequest.HighestVersion;

    public sealed override ValueTask<IKafkaMessage?> AnswerAsync(ReadOnlyMemory<byte> body, RequestContext context)
    {
        var reader = new WireReader(body);
        var request = TRequest.Read(ref reader, context.Version);
        reader.ThrowIfFailed();
        var answer = HandleAsync(request, context);
        return answer.IsCompletedSuccessfully ? new ValueTask<IKafkaMessage?>(answer.Result) : Await(answer);
    }

    protected abstract ValueTask<TResponse?> HandleAsync(TRequest request, RequestContext context);

    private static async ValueTask<IKafkaMessage?> Await(ValueTask<TResponse?> answer) => await answer;
}

using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Node.Logs;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary><c>pods/log</c>.</summary>
internal sealed class LogEndpoint(ObjectStore store, IContainerLogs logs, TimeProvider clock)
{
    public async Task ServeAsync(ApiRequest request)
    {
        var pod = store.Get(ResourceTypes.Pod, request.Namespace, request.Name);
        var container = ContainerOf(request, pod);
        var previous = request.Asks("previous");
        var options = new LogReadOptions
        {
            Follow = request.Asks("follow"),
            TailLines = request.Number("tailLines"),
            Timestamps = request.Asks("timestamps"),
            LimitBytes = request.Number("limitBytes"),
            Since = request.Number("sinceSeconds") is { } seconds ? clock.GetUtcNow().AddSeconds(-seconds) : request.Query("sinceTime") is { } time ? ReadTime(time) : null,
        };
        var log = logs.Find(pod.Uid(), container, previous) ?? throw NotThere(pod, container, previous);
        request.Http.Response.ContentType = "text/plain";
        await request.Http.Response.StartAsync(request.Cancellation);
        await log.CopyToAsync(request.Http.Response.Body, options, request.Cancellation);
    }

    private static DateTimeOffset ReadTime(string text) =>
        DateTimeOffset.TryParse(text, null, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) ? time : throw StatusException.BadRequest($"sinceTime: \"{text}\" is not a time");

    private static string ContainerOf(ApiRequest request, JsonObject pod)
    {
        var containers = pod.Items("spec", "containers").Select(one => one.Text("name") ?? "").ToList();
        var initial = pod.Items("spec", "initContainers").Select(one => one.Text("name") ?? "").ToList();
        if (request.Query("container") is { } asked)
        {
            return containers.Contains(asked) || initial.Contains(asked)
                ? asked
                : throw StatusException.BadRequest($"container {asked} is not valid for pod {pod.Name()}");
        }

        if (containers is [var only])
        {
            return only;
        }

        var more = initial.Count == 0 ? "" : $" or one of the init containers: [{string.Join(' ', initial)}]";
        throw StatusException.BadRequest($"a container name must be specified for pod {pod.Name()}, choose one of: [{string.Join(' ', containers)}]{more}");
    }

    private static StatusException NotThere(JsonObject pod, string container, bool previous)
    {
        if (previous)
        {
            return StatusException.BadRequest($"previous terminated container \"{container}\" in pod \"{pod.Name()}\" not found");
        }

        var status = pod.Items("status", "containerStatuses").Concat(pod.Items("status", "initContainerStatuses")).FirstOrDefault(one => one.Text("name") == container);
        var why = status?.Text("state", "waiting", "reason") switch
        {
            "ErrImagePull" or "ImagePullBackOff" => "trying and failing to pull image",
            { } reason => $"waiting to start: {reason}",
            null => "waiting to start: ContainerCreating",
        };
        return StatusException.BadRequest($"container \"{container}\" in pod \"{pod.Name()}\" is {why}");
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ChuckProducer;

/// <summary>
/// The HTTP side: <c>POST /chuck-says</c> answers at once, as an application does that trusts its client's buffer while there is a cluster, or with <c>?wait=true</c>
/// after the delivery report, as one does that trusts nothing. <c>/health</c> says that the process lives, <c>/ready</c> that Kafka is reached.
/// </summary>
internal static class ChuckSays
{
    public static WebApplication Create(FactProducer producer, int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenAnyIP(port);
        });
        var app = builder.Build();
        app.Run(context => Answer(context, producer));
        return app;
    }

    private static Task Answer(HttpContext context, FactProducer producer) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("POST", "/chuck-says") => Say(context, producer),
        (_, "/chuck-says") => Text(context, StatusCodes.Status405MethodNotAllowed, "POST it"),
        ("GET", "/health") => Text(context, StatusCodes.Status200OK, "OK"),
        ("GET", "/ready") when producer.IsReady => Text(context, StatusCodes.Status200OK, "OK"),
        ("GET", "/ready") => Text(context, StatusCodes.Status503ServiceUnavailable, "no Kafka broker answers"),
        _ => Text(context, StatusCodes.Status404NotFound, "POST /chuck-says, GET /health, GET /ready"),
    };

    private static async Task Say(HttpContext context, FactProducer producer)
    {
        // What is answered 200 now would stay in a buffer that ends with the pod: who asks is told, and may ask somebody else.
        if (producer.HasLostKafka)
        {
            context.Response.Headers.Connection = "close";
            await Text(context, StatusCodes.Status503ServiceUnavailable, "no Kafka broker answers any more");
            return;
        }

        var record = FactRecord.New();
        var delivery = producer.Send(record);
        context.Response.Headers["x-record-id"] = record.Id;

        // A connection that is kept goes past readiness: whoever holds one would send here until the pod ends.
        if (!producer.IsReady)
        {
            context.Response.Headers.Connection = "close";
        }

        // A record that could not even be handed over has its report already.
        var wait = string.Equals(context.Request.Query["wait"], "true", StringComparison.OrdinalIgnoreCase);
        if ((wait || delivery.IsCompleted) && await delivery is { } error)
        {
            await Text(context, StatusCodes.Status503ServiceUnavailable, error);
            return;
        }

        var answer = record.Answer();
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }

    private static Task Text(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n");
    }
}

using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Switchback.Kafka.Generator.Emitting;
using Switchback.Kafka.Generator.Model;
using Switchback.Kafka.Generator.Parsing;

namespace Switchback.Kafka.Generator;

/// <summary>Turns the additional files <c>*.kafka</c> into message classes and the table of APIs. docs/wire.md describes the format.</summary>
[Generator]
internal sealed class KafkaMessageGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor BadSchema = new(
        "SBK001", "Schema not understood", "{0}", "Switchback.Kafka", DiagnosticSeverity.Error, true);

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var schemas = context.AdditionalTextsProvider
            .Where(static file => file.Path.EndsWith(".kafka", StringComparison.Ordinal))
            .Select(static (file, cancel) => (file.Path, Text: file.GetText(cancel)?.ToString() ?? ""));
        context.RegisterSourceOutput(schemas, static (output, schema) => EmitMessages(output, schema.Path, schema.Text));
        context.RegisterSourceOutput(schemas.Collect(), static (output, all) => EmitTable(output, all));
    }

    private static void EmitMessages(SourceProductionContext output, string path, string text)
    {
        try
        {
            foreach (var message in SchemaParser.Parse(text))
                output.AddSource(message.ClassName + ".g.cs", SourceText.From(MessageEmitter.Emit(message), Encoding.UTF8));
        }
        catch (SchemaException e)
        {
            var span = new LinePositionSpan(new LinePosition(e.Line, 0), new LinePosition(e.Line, 0));
            output.ReportDiagnostic(Diagnostic.Create(BadSchema, Location.Create(path, default, span), Path.GetFileName(path) + ": " + e.Message));
        }
    }

    private static void EmitTable(SourceProductionContext output, ImmutableArray<(string Path, string Text)> schemas)
    {
        try
        {
            var requests = schemas.SelectMany(schema => SchemaParser.Parse(schema.Text))
                .Where(message => message.Kind == MessageKind.Request)
                .OrderBy(message => message.ApiKey)
                .ToList();
            output.AddSource("ApiTable.g.cs", SourceText.From(ApiTableEmitter.Emit(requests), Encoding.UTF8));
        }
        catch (SchemaException)
        {
            // Reported at its place by EmitMessages.
            return;
        }
    }
}

using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Generator.Emitting;

/// <summary>Emits <c>Read</c>: fields in order, then the tagged ones.</summary>
internal static class ReadEmitter
{
    public static void Emit(MessageContext context, Struct item, string className, bool isRoot, CodeText code)
    {
        code.Line("/// <summary>Reads one at the version; a malformed input is marked in the reader, see <c>WireReader.Failure</c>.</summary>");
        code.Open($"public static {className} Read(ref Switchback.Kafka.Wire.WireReader reader, short version)");
        code.Line($"var result = new {className}();");
        if (isRoot)
        {
            code.Open($"if (version is < {context.Message.Versions.Lowest} or > {context.Message.Versions.Highest})");
            code.Line($"reader.Fail(\"{className} has no version \" + version);").Line("return result;").Close();
        }

        code.Line("bool flexible = " + (context.HasFlexible ? context.Condition(context.Flexible) ?? "true" : "false") + ";");
        foreach (var field in item.Fields.Where(f => f.Tag is null))
            EmitGuarded(context, field, code);
        if (context.HasFlexible)
            EmitTags(context, item, code);
        code.Line("return result;").Close();
    }

    private static void EmitGuarded(MessageContext context, Field field, CodeText code)
    {
        var condition = context.Condition(field.Versions);
        if (condition == "false")
            return;
        if (condition is not null)
            code.Open($"if ({condition})");
        EmitValue(context, field, code);
        if (condition is not null)
            code.Close();
    }

    private static void EmitTags(MessageContext context, Struct item, CodeText code)
    {
        code.Open("if (flexible)");
        code.Open("for (uint tags = reader.ReadTagCount(); tags > 0 && !reader.Failed; tags--)");
        code.Line("uint tag = reader.ReadUnsignedVarint();").Line("int end = reader.ReadTagEnd();");
        code.Open("switch (tag)");
        foreach (var field in item.Fields.Where(f => f.Tag is not null && context.Condition(f.Versions) != "false"))
        {
            var condition = context.Condition(field.Versions.Intersect(context.Flexible));
            code.Open($"case {field.Tag}u" + (condition is null ? ":" : $" when {condition}:"));
            EmitValue(context, field, code);
            code.Line("reader.ExpectTagEnd(end);").Line("break;").Close();
        }

        code.Open("default:").Line("(result.UnknownTags ??= []).Add(reader.ReadUnknownTag(tag, end));").Line("break;").Close();
        code.Close().Close().Close();
    }

    private static void EmitValue(MessageContext context, Field field, CodeText code)
    {
        var type = field.Type;
        var nullable = field.IsNullable ? context.Condition(field.NullableVersions) ?? "true" : "false";
        var flexible = field.Inflexible ? "false" : "flexible";
        if (type.IsList)
        {
            var clr = context.ElementClr(type);
            code.Open("").Line($"int count = reader.ReadCount({flexible}, {nullable}, {context.LeastElementSize(type)});");
            if (field.IsNullable)
                code.Open("if (count < 0)").Line($"result.{field.Name} = null;").Close().Open("else");
            code.Line($"var list = new System.Collections.Generic.List<{clr}>(count);");
            code.Line("for (int i = 0; i < count && !reader.Failed; i++)");
            code.Line($"    list.Add({Element(context, type, flexible)});").Line($"result.{field.Name} = list;");
            if (field.IsNullable)
                code.Close();
            code.Close();
            return;
        }

        var value = field.IsNullable && type.IsStruct ? $"reader.ReadPresence({nullable}) ? {Element(context, type, flexible)} : null"
            : field.IsNullable && type.IsString ? $"reader.ReadNullableString({flexible}, {nullable})"
            : field.IsNullable && type.IsBytes ? $"reader.ReadNullableBytes({flexible}, {nullable})"
            : Element(context, type, flexible);
        code.Line($"result.{field.Name} = {value};");
    }

    private static string Element(MessageContext context, FieldType type, string flexible) =>
        type.IsStruct ? $"{context.Message.ClassName}.{context.ElementClr(type)}.Read(ref reader, version)"
        : type.IsString ? $"reader.ReadString({flexible})"
        : type.IsBytes ? $"reader.ReadBytes({flexible})"
        : $"reader.Read{type.Accessor}()";
}

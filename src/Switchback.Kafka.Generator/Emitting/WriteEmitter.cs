using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Generator.Emitting;

/// <summary>Emits <c>Write</c>: fields in order, a refusal for values the version cannot carry, then known and unknown tags in order.</summary>
internal static class WriteEmitter
{
    public static void Emit(MessageContext context, Struct item, string className, bool isRoot, CodeText code)
    {
        code.Line("/// <summary>Writes it at the version.</summary>");
        code.Line("/// <exception cref=\"System.InvalidOperationException\">A value is set that this version cannot carry.</exception>");
        code.Open("public void Write(Switchback.Kafka.Wire.WireWriter writer, short version)");
        if (isRoot)
        {
            code.Line($"if (version is < {context.Message.Versions.Lowest} or > {context.Message.Versions.Highest})");
            code.Line($"    throw Switchback.Kafka.Wire.VersionErrors.NoSuchVersion(\"{className}\", version);");
        }

        code.Line("bool flexible = " + (context.HasFlexible ? context.Condition(context.Flexible) ?? "true" : "false") + ";");
        foreach (var field in item.Fields.Where(f => f.Tag is null))
            EmitGuarded(context, field, className, code);
        if (context.HasFlexible)
            EmitTags(context, item, className, code);
        code.Close();
    }

    private static void EmitGuarded(MessageContext context, Field field, string className, CodeText code)
    {
        var condition = context.Condition(field.Versions);
        if (condition is null)
        {
            EmitValue(context, field, className, code);
            return;
        }

        code.Open($"if ({condition})");
        EmitValue(context, field, className, code);
        code.Close();
        EmitRefusal(field, className, "else ", code);
    }

    private static void EmitRefusal(Field field, string className, string prefix, CodeText code)
    {
        if (field.Ignorable)
            return;
        code.Line($"{prefix}if (!({Defaults.IsDefault(field)}))");
        code.Line($"    throw Switchback.Kafka.Wire.VersionErrors.NotInVersion(\"{className}.{field.Name}\", version);");
    }

    private static void EmitTags(MessageContext context, Struct item, string className, CodeText code)
    {
        var tagged = item.Fields.Where(f => f.Tag is not null && context.Condition(f.Versions) != "false").OrderBy(f => f.Tag).ToList();
        foreach (var field in tagged)
        {
            var condition = context.Condition(field.Versions.Intersect(context.Flexible));
            code.Line($"bool has{field.Name} = {(condition is null ? "" : condition + " && ")}!({Defaults.IsDefault(field)});");
            if (condition is not null)
                EmitRefusal(field, className, $"if (!({condition})) ", code);
        }

        code.Open("if (flexible)").Line("uint tags = (uint)(UnknownTags?.Count ?? 0);");
        foreach (var field in tagged)
            code.Line($"if (has{field.Name}) tags++;");
        code.Line("writer.WriteUnsignedVarint(tags);").Line("int unknown = 0;");
        foreach (var field in tagged)
        {
            code.Open($"if (has{field.Name})").Line($"writer.WriteUnknownTags(UnknownTags, ref unknown, {field.Tag}u);");
            code.Line($"writer.WriteUnsignedVarint({field.Tag}u);").Line("int start = writer.Position;");
            EmitValue(context, field, className, code);
            code.Line("writer.InsertLength(start);").Close();
        }

        code.Line("writer.WriteUnknownTags(UnknownTags, ref unknown, uint.MaxValue);").Close();
        code.Line("else if (UnknownTags is { Count: > 0 })");
        code.Line($"    throw Switchback.Kafka.Wire.VersionErrors.NotInVersion(\"{className}.UnknownTags\", version);");
    }

    private static void EmitValue(MessageContext context, Field field, string className, CodeText code)
    {
        var type = field.Type;
        var name = "this." + field.Name;
        var flexible = field.Inflexible ? "false" : "flexible";
        if (field.IsNullable && context.Condition(field.NullableVersions) is { } mayBeNull)
        {
            code.Line($"if ({name} is null && !({mayBeNull}))");
            code.Line($"    throw Switchback.Kafka.Wire.VersionErrors.NullInVersion(\"{className}.{field.Name}\", version);");
        }

        if (type.IsList)
        {
            code.Line($"writer.WriteCount({name}{(field.IsNullable ? "?.Count ?? -1" : ".Count")}, {flexible});");
            if (field.IsNullable)
                code.Line($"if ({name} is not null)");
            code.Line($"foreach (var element in {name})").Line("    " + Element(type, "element", flexible));
        }
        else if (type.IsStruct && field.IsNullable)
        {
            code.Line($"writer.WriteInt8((sbyte)({name} is null ? -1 : 1));").Line($"{name}?.Write(writer, version);");
        }
        else if (field.IsNullable)
        {
            code.Line($"writer.WriteNullable{(type.IsString ? "String" : "Bytes")}({name}, {flexible});");
        }
        else
        {
            code.Line(Element(type, name, flexible));
        }
    }

    private static string Element(FieldType type, string value, string flexible) =>
        type.IsStruct ? value + ".Write(writer, version);"
        : type.IsString ? $"writer.WriteString({value}, {flexible});"
        : type.IsBytes ? $"writer.WriteBytes({value}, {flexible});"
        : $"writer.Write{type.Accessor}({value});";
}

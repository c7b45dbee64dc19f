using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Switchback.LocalKubernetes.Node.Images;

/// <summary>
/// Reads the file of <c>--catalogue</c>:
/// <code>
///   images:
///     example/app:                        # with or without a tag
///       command: [/usr/bin/app, serve]    # relative to the file's directory unless absolute
///       args: [--verbose]
///       environment: { MODE: test }
///       workingDirectory: /
///       ports:
///         - port: 8080                    # listened on without being told; on the shared network it is told another
///           variable: APP_PORT            # by this environment variable,
///           argument: --listen=:{port}    # or by this argument
/// </code>
/// </summary>
internal static class CatalogueFile
{
    /// <summary>Reads the entries.</summary>
    /// <exception cref="InvalidDataException">One line for each thing that is wrong, with file, line and key.</exception>
    public static IReadOnlyDictionary<string, Image> Read(string path)
    {
        var errors = new List<string>();
        var images = new Dictionary<string, Image>();
        try
        {
            var stream = new YamlStream();
            using (var text = File.OpenText(path))
            {
                stream.Load(text);
            }

            var root = stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode as YamlMappingNode;
            if (root is null || root.Children.Count != 1 || !root.Children.TryGetValue("images", out var entries) || entries is not YamlMappingNode named)
            {
                throw new InvalidDataException($"{path}: must have one key, images, with an entry for each image");
            }

            foreach (var (name, entry) in named.Children)
            {
                images[name.ToString()] = ReadImage(Path.GetDirectoryName(Path.GetFullPath(path))!, entry, $"images.{name}", (node, message) => errors.Add($"{path}:{node.Start.Line}: {message}"));
            }
        }
        catch (YamlException exception)
        {
            errors.Add($"{path}:{exception.Start.Line}: {exception.Message}");
        }
        catch (IOException exception)
        {
            errors.Add($"{path}: {exception.Message}");
        }

        return errors.Count == 0 ? images : throw new InvalidDataException(string.Join('\n', errors));
    }

    private static Image ReadImage(string directory, YamlNode node, string key, Action<YamlNode, string> error)
    {
        var image = new Image();
        if (node is not YamlMappingNode mapping)
        {
            error(node, $"{key}: must be a mapping with at least command");
            return image;
        }

        foreach (var (name, value) in mapping.Children)
        {
            switch (name.ToString())
            {
                case "command" when value is YamlSequenceNode list && list.Children.Count > 0:
                    image = image with { Entrypoint = [Path.GetFullPath(list.Children[0].ToString(), directory), .. list.Children.Skip(1).Select(item => item.ToString())] };
                    break;
                case "args" when value is YamlSequenceNode list:
                    image = image with { Arguments = [.. list.Children.Select(item => item.ToString())] };
                    break;
                case "environment" when value is YamlMappingNode variables:
                    image = image with { Environment = variables.Children.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value.ToString()) };
                    break;
                case "workingDirectory" when value is YamlScalarNode:
                    image = image with { WorkingDirectory = value.ToString() };
                    break;
                case "ports" when value is YamlSequenceNode ports:
                    image = image with { Ports = [.. ports.Children.Select(port => ReadPort(port, key, error)).OfType<ImagePort>()] };
                    break;
                case "command" or "args" or "ports":
                    error(value, $"{key}.{name}: must be a list");
                    break;
                case "environment" or "workingDirectory":
                    error(value, $"{key}.{name}: must be a {(name.ToString() == "environment" ? "mapping of names to values" : "path")}");
                    break;
                default:
                    error(name, $"{key}.{name}: unknown key; there are command, args, environment, workingDirectory and ports");
                    break;
            }
        }

        if (image.Entrypoint.Count == 0)
        {
            error(node, $"{key}.command: is missing; it is the list of the program and its first arguments");
        }

        return image;
    }

    private static ImagePort? ReadPort(YamlNode node, string key, Action<YamlNode, string> error)
    {
        if (node is YamlMappingNode mapping && mapping.Children.TryGetValue("port", out var text)
            && int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536)
        {
            string? Text(string name) => mapping.Children.TryGetValue(name, out var value) ? value.ToString() : null;
            return new ImagePort(port, Text("variable"), Text("argument"));
        }

        error(node, $"{key}.ports: each needs port, a number from 1 to 65535, and variable or argument");
        return null;
    }
}

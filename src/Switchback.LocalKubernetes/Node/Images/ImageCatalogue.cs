namespace Switchback.LocalKubernetes.Node.Images;

/// <summary>Maps image names to programs. What is built in can be extended and overridden by a file; see <see cref="CatalogueFile"/>.</summary>
internal sealed class ImageCatalogue
{
    private readonly Dictionary<string, Image> _images;

    private ImageCatalogue(Dictionary<string, Image> images) => _images = images;

    /// <summary>The directories that the programs of the catalogue are in.</summary>
    public IEnumerable<string> ProgramDirectories => _images.Values.Select(image => image.Entrypoint.Count > 0 ? Path.GetDirectoryName(image.Entrypoint[0]) : null)
        .Where(directory => !string.IsNullOrEmpty(directory)).Distinct()!;

    /// <summary>The catalogue of our own programs.</summary>
    /// <param name="application">The directory of the <c>switchback</c> program; <c>samples/</c> is below it.</param>
    /// <param name="additional">Entries of a file, which come before the built-in ones.</param>
    public static ImageCatalogue Create(string application, IReadOnlyDictionary<string, Image>? additional = null)
    {
        var switchback = Path.Combine(application, "switchback");
        var producer = new Image
        {
            Entrypoint = [Path.Combine(application, "samples", "chuck-producer")],
            Arguments = ["/config/config.properties"],
            Ports = [new ImagePort(8080, "CHUCK_HTTP_PORT", null)],
        };
        var consumer = new Image { Entrypoint = [Path.Combine(application, "samples", "chuck-consumer")], Arguments = ["/config/config.properties"] };
        var proxy = new Image { Entrypoint = [switchback, "proxy"], Ports = [new ImagePort(9080, null, "--http-listen-address=0.0.0.0:{port}")] };
        var reloader = new Image { Entrypoint = [switchback, "reloader"], Ports = [new ImagePort(9090, "METRICS_PORT", null)] };
        var images = new Dictionary<string, Image>
        {
            ["ogomezso/java-cloud-producer"] = producer,
            ["ogomezso/java-cloud-consumer"] = consumer,
            ["switchback/chuck-producer"] = producer,
            ["switchback/chuck-consumer"] = consumer,
            ["grepplabs/kafka-proxy"] = proxy,
            ["switchback/proxy"] = proxy,
            ["stakater/reloader"] = reloader,
            ["ghcr.io/stakater/reloader"] = reloader,
            ["switchback/reloader"] = reloader,
        };
        foreach (var (name, image) in additional ?? new Dictionary<string, Image>())
        {
            images[name] = image;
        }

        return new ImageCatalogue(images);
    }

    /// <summary>The program of an image; a name with a tag is found under that, then under its bare name. Null where the catalogue has none.</summary>
    public Image? Find(string reference)
    {
        foreach (var name in new[] { reference, WithoutTag(reference) }.SelectMany(name => new[] { name, WithoutRegistry(name) }))
        {
            if (_images.TryGetValue(name, out var image))
            {
                return image;
            }
        }

        return null;
    }

    private static string WithoutTag(string reference)
    {
        var bare = reference.Split('@')[0];
        var colon = bare.LastIndexOf(':');
        return colon > bare.LastIndexOf('/') ? bare[..colon] : bare;
    }

    /// <summary>Docker Hub may be written out.</summary>
    private static string WithoutRegistry(string name)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["docker.io/library/", "docker.io/"])
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                return name[prefix.Length..];
            }
        }

        return name;
    }
}

using System.Text;
using Switchback.Kafka.Client.Properties;
using Switchback.Kafka.Tests.Oracle;

namespace Switchback.Kafka.Tests.Client;

public class PropertiesFileTests
{
    private const string Sample = """
        # a comment
        ! another
        plain=value
          indented = spaces around  
        colon: value
        blank value with blanks
        empty=
        alone
        equals=a=b:c
        continued=one, \
            two, \
          three
        even=ends with a backslash\\
        escaped\ key\=with\:all=x\ty\n\u00e9\q
        unicode=日本語 é
        twice=first
        twice=second
        sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
          username="alice" \
          password="p;a=s\\"s w";
        #last=comment\
        after=comment
        end=of file\
        """;

    [Fact]
    public async Task Reads_what_Javas_own_class_reads()
    {
        var theirs = await JavaProgram.RunAsync("PropertiesOracle", Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Sample)));
        var expected = theirs.Select(line => line.Split(' ')).ToDictionary(words => Text(words[0]), words => Text(words[1]).Trim());
        var ours = new Dictionary<string, string>();
        foreach (var setting in PropertiesFile.Parse(Sample))
            ours[setting.Key] = setting.Value;
        Assert.Equal(expected.OrderBy(e => e.Key, StringComparer.Ordinal), ours.OrderBy(e => e.Key, StringComparer.Ordinal));
        Assert.True(ours.Count > 12);
    }

    [Fact]
    public void A_setting_knows_the_line_it_begins_on()
    {
        var settings = PropertiesFile.Parse("# c\r\n\r\na=1\r\nb=2,\\\r\n 3\r\nc=4");
        Assert.Equal([new("a", "1", 3), new("b", "2,3", 4), new("c", "4", 6)], settings);
    }

    private static string Text(string hex) => Encoding.UTF8.GetString(Convert.FromHexString(hex));
}

using ChuckClient;

namespace Switchback.Samples.Tests;

/// <summary>The cases of java.util.Properties' documentation.</summary>
public sealed class JavaPropertiesTests
{
    [Theory]
    [InlineData("Truth = Beauty", "Truth", "Beauty")]
    [InlineData(" Truth:Beauty", "Truth", "Beauty")]
    [InlineData("Truth                    :Beauty", "Truth", "Beauty")]
    [InlineData("Truth Beauty", "Truth", "Beauty")]
    [InlineData("cheeses", "cheeses", "")]
    [InlineData("a==b", "a", "=b")]
    [InlineData("a:=b", "a", "=b")]
    [InlineData("a=b ", "a", "b ")]
    [InlineData(@"\:\=", ":=", "")]
    [InlineData(@"a\ b=c", "a b", "c")]
    [InlineData(@"path=c:\\tmp\q", "path", @"c:\tmpq")]
    [InlineData(@"tab=a\tb\u0041", "tab", "a\tbA")]
    [InlineData("sasl.jaas.config=M required username='u' password='p=1';", "sasl.jaas.config", "M required username='u' password='p=1';")]
    public void One_entry(string text, string key, string value)
    {
        var entry = Assert.Single(JavaProperties.Parse(text));
        Assert.Equal((key, value, 1), (entry.Key, entry.Value, entry.Line));
    }

    [Fact]
    public void Comments_and_blank_lines_are_left_out_and_lines_are_counted()
    {
        var entries = JavaProperties.Parse("# a\r\n\r\n  ! b\r\nx=1\r\n\ty=2 # not a comment\n");
        Assert.Equal([new JavaProperty("x", "1", 4), new JavaProperty("y", "2 # not a comment", 5)], entries);
    }

    [Fact]
    public void A_line_goes_on_after_a_backslash_without_the_white_space_that_follows()
    {
        var entries = JavaProperties.Parse("fruits     apple, banana, pear, \\\n      cantaloupe, \\\n      kiwi\nnext=even\\\\\nlast=1\\");
        Assert.Equal(
            [new JavaProperty("fruits", "apple, banana, pear, cantaloupe, kiwi", 1), new JavaProperty("next", @"even\", 4), new JavaProperty("last", "1", 5)],
            entries);
    }

    [Theory]
    [InlineData(@"a=\u12")]
    [InlineData(@"a=\uzzzz")]
    public void An_incomplete_unicode_escape_is_refused(string text)
    {
        var e = Assert.Throws<FormatException>(() => JavaProperties.Parse("ok=1\n" + text));
        Assert.StartsWith("2: ", e.Message, StringComparison.Ordinal);
    }
}

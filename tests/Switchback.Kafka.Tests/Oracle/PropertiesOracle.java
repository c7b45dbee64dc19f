import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Properties;
import java.util.TreeMap;

/** What java.util.Properties reads in the text given as hex on standard input: a line "KEY VALUE" a setting, both as hex, sorted by key. */
public class PropertiesOracle {
    public static void main(String[] args) throws Exception {
        byte[] text = HexFormat.of().parseHex(new String(System.in.readAllBytes(), StandardCharsets.UTF_8).trim());
        Properties properties = new Properties();
        properties.load(new InputStreamReader(new ByteArrayInputStream(text), StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        new TreeMap<>(properties).forEach((key, value) -> out.println(hex(key) + " " + hex(value)));
    }

    private static String hex(Object text) {
        return HexFormat.of().formatHex(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}

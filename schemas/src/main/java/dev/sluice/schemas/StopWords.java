package dev.sluice.schemas;

import java.util.Set;

/**
 * English words that say how a sentence is built, not what it is about. Without them a pair of neighbours is a pair of words
 * that mean something. Texts in other languages keep all of theirs, and inverse document frequency tells them apart. A part
 * of {@link WordCounts#RECIPE}: a word more or less needs another name for that.
 */
final class StopWords {
    private static final Set<String> WORDS = Set.of(
            """
            about above across after again against all almost alone along already also although always am
            among an and another any anyone anything anywhere are aren around as at back be became because
            become been before behind being below between both but by can cannot could couldn did didn do
            does doesn doing don done down during each either else enough even ever every everyone
            everything few first for from get give go had has have having he hence her here hers herself
            him himself his how however if in indeed into is isn it its itself just last least less ll made
            many may me meanwhile might mine more most mostly much must my myself namely neither never next
            no nobody none nor not nothing now of off often on once one only onto or other others otherwise
            our ours ourselves out over own perhaps please put rather re same see seem seemed seems several
            she should shouldn since so some somehow someone something sometimes still such than that the
            their theirs them themselves then there therefore these they this those though through thus to
            together too toward towards under until up upon us ve very via was wasn we well were what
            whatever when where whether which while who whoever whole whom whose why will with within
            without would wouldn yet you your yours yourself yourselves
            """
                    .trim()
                    .split("\\s+"));

    private StopWords() {}

    static boolean contains(String word) {
        return WORDS.contains(word);
    }
}

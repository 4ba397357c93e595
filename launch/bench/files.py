"""Results as files."""
import os


def write_whole(folder, texts):
    """Writes each text under its name; a reader finds the one before or the new one, never a part."""
    for name, text in texts.items():
        path = os.path.join(folder, name)
        with open(path + ".part", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path + ".part", path)

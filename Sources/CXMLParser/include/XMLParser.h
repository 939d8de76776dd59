#pragma once

#include <stddef.h>
#include <stdint.h>

// The door to libxml2: a document's elements and texts, one after the other, or the first thing that is wrong with it.
// No file but the given bytes is read, no entity is expanded but the five of XML itself.

/// Bytes of a name or a message with its closing zero; longer ones are cut.
enum { BANA_XML_TEXT_SIZE = 128 };

/// What is wrong with a document.
typedef enum bana_xml_fault {
    BANA_XML_SOUND,
    /// There is nothing in it but white space.
    BANA_XML_EMPTY,
    /// It ends before its root is closed.
    BANA_XML_ENDS_EARLY,
    /// It does not begin with an element, but with other text.
    BANA_XML_NO_ELEMENT,
    /// A closing tag of `found` where `name` is open.
    BANA_XML_WRONG_END,
    /// Something after the root is closed.
    BANA_XML_AFTER_ROOT,
    /// A `&` that begins no reference.
    BANA_XML_BARE_AMPERSAND,
    /// A `<` that no name follows.
    BANA_XML_NO_NAME,
    /// The entity `name`, which is none of XML's five.
    BANA_XML_ENTITY,
    /// Bytes that are not valid in the document's encoding, or not those of a character of XML.
    BANA_XML_BYTES,
    /// The encoding `name`, which nobody knows or which the bytes are obviously not in.
    BANA_XML_ENCODING,
    /// More elements in each other, or a longer text, than libxml2 takes.
    BANA_XML_TOO_LARGE,
    BANA_XML_OUT_OF_MEMORY,
    /// Anything else; libxml2's sentence is in `name`.
    BANA_XML_MALFORMED,
} bana_xml_fault;

/// The first thing that is wrong with a document, and where.
typedef struct bana_xml_failure {
    bana_xml_fault fault;
    /// From 1.
    int line;
    int column;
    char name[BANA_XML_TEXT_SIZE];
    char found[BANA_XML_TEXT_SIZE];
    /// The encoding that the document states; empty if it states none.
    char encoding[BANA_XML_TEXT_SIZE];
} bana_xml_failure;

/// What is told of a document while it is read: all texts in UTF-8, lines from 1, attributes left out.
typedef struct bana_xml_events {
    void *context;
    void (*begin)(void *context, const char *name, int line);
    /// A part of a text; it is not closed by a zero.
    void (*text)(void *context, const char *bytes, size_t size);
    void (*end)(void *context, int line);
} bana_xml_events;

/// Reads a document. Nothing is told any more once something was found wrong.
bana_xml_failure bana_xml_parse(const uint8_t *data, size_t size, bana_xml_events events);

#include "XMLParser.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/// A document that is being read.
typedef struct {
    xmlParserCtxtPtr parser;
    bana_xml_events events;
    bana_xml_failure failure;
    /// The bytes could not be decoded; what came before them is still read, and tells where they are.
    bool is_undecodable;
} reader;

// MARK: - What is wrong

static void copy_text(char *target, const char *text) {
    snprintf(target, BANA_XML_TEXT_SIZE, "%s", text ? text : "");
}

static bool is_at_end(const reader *in) {
    const xmlParserInputPtr input = in->parser ? in->parser->input : NULL;
    return !input || input->cur >= input->end;
}

/// Whether the bytes that are read next are those of no character.
static bool is_at_broken_bytes(const reader *in) {
    if (is_at_end(in) || *in->parser->input->cur < 0x80) return false;
    int size = (int)(in->parser->input->end - in->parser->input->cur);
    return xmlGetUTF8Char(in->parser->input->cur, &size) < 0;
}

/// What an error of libxml2's means, whatever the place.
static bana_xml_fault meaning(const xmlError *error) {
    switch (error->code) {
    case XML_ERR_NO_MEMORY: return BANA_XML_OUT_OF_MEMORY;
    case XML_ERR_DOCUMENT_EMPTY: return BANA_XML_NO_ELEMENT;
    case XML_ERR_DOCUMENT_END: return BANA_XML_AFTER_ROOT;
    case XML_ERR_TAG_NAME_MISMATCH: return BANA_XML_WRONG_END;
    case XML_ERR_TAG_NOT_FINISHED: return BANA_XML_ENDS_EARLY;
    case XML_ERR_ENTITYREF_SEMICOL_MISSING:
    case XML_ERR_ENTITYREF_NO_NAME: return BANA_XML_BARE_AMPERSAND;
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY: return BANA_XML_ENTITY;
    case XML_ERR_INVALID_CHAR: return BANA_XML_BYTES;
    case XML_ERR_NAME_REQUIRED:
        return error->message && strstr(error->message, "EntityRef") ? BANA_XML_BARE_AMPERSAND : BANA_XML_NO_NAME;
    case XML_ERR_UNKNOWN_ENCODING:
    case XML_ERR_UNSUPPORTED_ENCODING:
    case XML_ERR_INVALID_ENCODING:
    case XML_ERR_ENCODING_NAME: return BANA_XML_ENCODING;
    default: return BANA_XML_MALFORMED;
    }
}

static bool is_about_decoding(const xmlError *error) {
    return error->domain == XML_FROM_I18N || error->code == XML_IO_ENCODER;
}

/// libxml2 keeps its limits as internal errors that only their sentences tell apart.
static bool is_limit(const xmlError *error) {
    if (error->code != XML_ERR_INTERNAL_ERROR || !error->message) return false;
    return strstr(error->message, "depth") || strstr(error->message, "XML_PARSE_HUGE")
        || strstr(error->message, "too long") || strstr(error->message, "too big");
}

/// A name that a closing tag has or an entity, from libxml2's error.
static void describe(reader *in, const xmlError *error) {
    bana_xml_failure *failure = &in->failure;
    switch (failure->fault) {
    case BANA_XML_WRONG_END:
        copy_text(failure->name, error->str1);
        copy_text(failure->found, error->str2);
        break;
    case BANA_XML_ENTITY:
    case BANA_XML_ENCODING:
        copy_text(failure->name, error->str1);
        break;
    default:
        copy_text(failure->name, error->message);
        failure->name[strcspn(failure->name, "\n")] = 0;
    }
}

static void fail(reader *in, bana_xml_fault fault, int line, int column) {
    in->failure.fault = fault;
    in->failure.line = line > 0 ? line : 1;
    in->failure.column = column;
    const xmlChar *encoding = in->parser ? in->parser->encoding : NULL;
    if (!encoding && in->parser && in->parser->input) encoding = in->parser->input->encoding;
    copy_text(in->failure.encoding, (const char *)encoding);
}

/// What an error means at this place: the text before undecodable bytes is read to its end, and so is a file that was
/// cut in the middle of anything.
static bana_xml_fault corrected(const reader *in, bana_xml_fault fault) {
    if (fault == BANA_XML_ENCODING || fault == BANA_XML_OUT_OF_MEMORY) return fault;
    if (is_at_broken_bytes(in)) return BANA_XML_BYTES;
    if (!is_at_end(in)) return fault;
    if (in->is_undecodable) return BANA_XML_BYTES;
    return fault == BANA_XML_NO_ELEMENT ? BANA_XML_EMPTY : BANA_XML_ENDS_EARLY;
}

/// Keeps the first error that makes the document unusable.
static void on_error(reader *in, const xmlError *error) {
    if (in->failure.fault != BANA_XML_SOUND) return;
    if (is_about_decoding(error)) {
        in->is_undecodable = true;
        return;
    }
    bana_xml_fault fault = is_limit(error) ? BANA_XML_TOO_LARGE : meaning(error);
    if (error->level != XML_ERR_FATAL && fault != BANA_XML_ENTITY) return;
    fault = corrected(in, fault);
    fail(in, fault, in->parser && in->parser->input ? in->parser->input->line : error->line, error->int2);
    describe(in, error);
}

#if LIBXML_VERSION >= 21200
static void on_structured_error(void *in, const xmlError *error) { on_error(in, error); }
#else
static void on_structured_error(void *in, xmlErrorPtr error) { on_error(in, error); }
#endif

// MARK: - What is told

static int line_of(const reader *in) { return in->parser->input ? in->parser->input->line : 1; }

static void on_begin(void *context, const xmlChar *name, const xmlChar **attributes) {
    (void)attributes;
    reader *in = context;
    if (in->failure.fault == BANA_XML_SOUND) in->events.begin(in->events.context, (const char *)name, line_of(in));
}

static void on_end(void *context, const xmlChar *name) {
    (void)name;
    reader *in = context;
    if (in->failure.fault == BANA_XML_SOUND) in->events.end(in->events.context, line_of(in));
}

static void on_text(void *context, const xmlChar *bytes, int size) {
    reader *in = context;
    if (in->failure.fault != BANA_XML_SOUND || size <= 0) return;
    in->events.text(in->events.context, (const char *)bytes, (size_t)size);
}

/// Only the five entities of XML itself are known, whatever the document declares.
static xmlEntityPtr entity(void *context, const xmlChar *name) {
    (void)context;
    return xmlGetPredefinedEntity(name);
}

// MARK: - Reading

/// What follows a zero byte is not looked at by libxml2; the document is to be read to its end.
static void finish(reader *in) {
    if (in->failure.fault != BANA_XML_SOUND) return;
    int line = line_of(in), column = in->parser->input ? in->parser->input->col : 0;
    if (in->is_undecodable) fail(in, BANA_XML_BYTES, line, column);
    else if (!is_at_end(in)) fail(in, BANA_XML_AFTER_ROOT, line, column);
    else if (!in->parser->wellFormed) fail(in, BANA_XML_MALFORMED, line, column);
}

/// Names as they are written (no name spaces), no tree, no other file.
static void prepare(reader *in, xmlSAXHandlerPtr handler) {
    memset(handler, 0, sizeof *handler);
    handler->initialized = XML_SAX2_MAGIC;
    handler->startElement = on_begin;
    handler->endElement = on_end;
    handler->characters = on_text;
    handler->ignorableWhitespace = on_text;
    handler->getEntity = entity;
    handler->serror = on_structured_error;
    in->parser->userData = in;
    xmlCtxtUseOptions(in->parser, XML_PARSE_NONET | XML_PARSE_SAX1);
}

static void parse(reader *in, const char *data, int size) {
    in->parser = xmlCreateMemoryParserCtxt(data, size);
    if (!in->parser || !in->parser->sax) {
        fail(in, BANA_XML_OUT_OF_MEMORY, 1, 0);
    } else {
        prepare(in, in->parser->sax);
        xmlParseDocument(in->parser);
        finish(in);
    }
    if (!in->parser) return;
    // libxml2 makes a document of its own to keep declared entities in.
    xmlFreeDoc(in->parser->myDoc);
    in->parser->myDoc = NULL;
    xmlFreeParserCtxt(in->parser);
}

static void initialize(void) { xmlInitParser(); }

bana_xml_failure bana_xml_parse(const uint8_t *data, size_t size, bana_xml_events events) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, initialize);
    reader in = {.events = events, .failure = {.fault = BANA_XML_SOUND}};
    if (size == 0) fail(&in, BANA_XML_EMPTY, 1, 0);
    else if (size > INT_MAX) fail(&in, BANA_XML_TOO_LARGE, 1, 0);
    if (in.failure.fault != BANA_XML_SOUND) return in.failure;
    // Errors of decoders do not go to the parser's handler, but to that of the thread.
    xmlStructuredErrorFunc former = xmlStructuredError;
    void *former_context = xmlStructuredErrorContext;
    xmlSetStructuredErrorFunc(&in, on_structured_error);
    parse(&in, (const char *)data, (int)size);
    xmlSetStructuredErrorFunc(former_context, former);
    return in.failure;
}

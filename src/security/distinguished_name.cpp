#include "security/distinguished_name.hpp"

#include <openssl/obj_mac.h>
#include <openssl/objects.h>

#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace stoker::security {
namespace {

constexpr auto keywords = std::to_array<std::pair<int, std::string_view>>({
    {NID_commonName, "CN"},
    {NID_countryName, "C"},
    {NID_localityName, "L"},
    {NID_stateOrProvinceName, "ST"},
    {NID_organizationName, "O"},
    {NID_organizationalUnitName, "OU"},
    {NID_streetAddress, "STREET"},
    {NID_domainComponent, "DC"},
    {NID_userId, "UID"},
});

std::string_view keyword(const ASN1_OBJECT* type) {
    const int nid = OBJ_obj2nid(type);
    for (const auto& [known, word] : keywords)
        if (known == nid) return word;
    return {};
}

std::string dotted(const ASN1_OBJECT* type) {
    std::array<char, 128> text{};
    const int size = OBJ_obj2txt(text.data(), int(text.size()), type, 1);
    return size < 0 ? std::string("?") : std::string(text.data());
}

/// The string types that Java prints as text, whatever their alphabet.
bool is_text(const ASN1_STRING* value) {
    switch (ASN1_STRING_type(value)) {
        case V_ASN1_UTF8STRING:
        case V_ASN1_PRINTABLESTRING:
        case V_ASN1_T61STRING:
        case V_ASN1_IA5STRING:
        case V_ASN1_GENERALSTRING:
        case V_ASN1_BMPSTRING:
        case V_ASN1_UNIVERSALSTRING: return true;
        default: return false;
    }
}

std::string hexadecimal(const ASN1_STRING* value) {
    ASN1_TYPE any{};
    any.type = ASN1_STRING_type(value);
    any.value.asn1_string = const_cast<ASN1_STRING*>(value);
    unsigned char* der = nullptr;
    const int size = i2d_ASN1_TYPE(&any, &der);
    std::string text = "#";
    for (int i = 0; i < size; ++i) text += fmt::format("{:02x}", der[i]);
    OPENSSL_free(der);
    return text;
}

std::string escaped(std::string_view value) {
    const auto blank = [](char c) { return c == ' ' || c == '\r'; };
    size_t first = 0, last = value.size();
    while (first < last && blank(value[first])) ++first;
    while (last > first && blank(value[last - 1])) --last;
    std::string text;
    for (size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (c == '\0') {
            text += "\\00";
            continue;
        }
        const bool special = std::string_view(",=+<>#;\"\\").contains(c);
        if (special || i < first || i >= last) text += '\\';
        text += c;
    }
    return text;
}

std::string attribute(const X509_NAME_ENTRY* entry) {
    const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
    const std::string_view word = keyword(type);
    if (word.empty()) return dotted(type) + "=" + hexadecimal(value);
    if (!is_text(value)) return std::string(word) + "=" + hexadecimal(value);
    const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(value));
    return std::string(word) + "=" + escaped({bytes, size_t(ASN1_STRING_length(value))});
}

}  // namespace

std::string distinguished_name(const X509_NAME* name) {
    std::string text;
    int set = -1;  // the RDN that `rdn` belongs to
    std::string rdn;
    const auto put = [&] {
        if (rdn.empty()) return;
        text = text.empty() ? rdn : rdn + "," + text;
        rdn.clear();
    };
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
        if (X509_NAME_ENTRY_set(entry) != set) put();
        set = X509_NAME_ENTRY_set(entry);
        if (!rdn.empty()) rdn += '+';
        rdn += attribute(entry);
    }
    put();
    return text;
}

}  // namespace stoker::security

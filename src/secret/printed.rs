//! Values that are printed for everybody: what vendors show in their documentation, and digests of words. They are copied
//! into tests, handbooks and clients everywhere, and open nothing. No key that everybody can choose for himself belongs here: it
//! works wherever it was copied to.
//!
//! Kept as digests, so that no file holds the values themselves. The four bytes at either end are left out: who wants
//! another one changes a letter there.

use std::collections::HashSet;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// Bytes that are left out at either end.
const ENDS: usize = 4;
/// Shorter values say too little in the middle.
const SHORTEST: usize = 24;
const LONGEST: usize = 128;

/// The first eight bytes of the SHA-256 of each value's middle.
#[rustfmt::skip]
const PRINTED: &[u64] = &[
    // Digests (MD5, SHA-1, SHA-256) of nothing, of numbers and of words that stand in for others.
    0xed42_03b3_c16c_1cac,
    0x1aa7_3ed0_c6af_6b41,
    0x1e7f_ac6f_7c77_39bc,
    0x46b1_23bc_feae_4e33,
    0x5529_8390_c102_7c56,
    0x73cd_256c_d755_2b5f,
    0xd123_6e2a_9818_a32f,
    0xc32f_68a6_0e32_3b2d,
    0xd649_bdf3_fe75_8fb1,
    0x8488_f7e8_c22d_3158,
    0xd17d_59fc_35aa_e2c4,
    0x5c6f_6ffb_85f3_6c8c,
    0x04d3_edb2_498a_bf62,
    0xd95b_807b_f410_1678,
    0x745b_3f11_3cf2_f685,
    0x2fda_3547_35ff_bee3,
    0xb930_8855_0c43_195d,
    0xf59c_cbbe_11fa_4284,
    0xa398_ca87_4c6b_5687,
    0x5cc1_a84d_0e04_5bf3,
    0xc9af_92f9_597f_4a7c,
    0x9e4e_26b3_c804_e792,
    0x4075_2fba_cb99_d726,
    0x492f_162c_e17a_e111,
    0xe9d0_da52_9d31_0712,
    0xd6ad_b495_0161_91c2,
    0x448c_c169_8386_2806,
    0xefb0_a1fd_f3e1_6128,
    0x9eea_664e_c534_fba9,
    0xafd4_783a_f448_a18a,
    0x3984_07f3_226d_ff29,
    0x28d1_ebc8_e001_ad2c,
    0x14d1_2d54_5ea5_7f27,
    0x551d_f69c_3ba8_b86b,
    0xf46c_e77b_fb5e_1e06,
    0x31a1_3cad_ca68_4637,
    0xdde8_2d9a_95eb_12fd,
    0x832b_8641_de8a_e677,
    0x9d20_7038_07d1_5a04,
    0xed26_eece_8c8f_334a,
    0x8d89_a633_2208_0626,
    0x1efc_b057_b877_31db,
    0x1fba_a576_9dd3_c3d4,
    0x8401_4580_d9bc_441f,
    0x70b0_8365_ae5c_8773,
    0x3d23_d80d_3d6d_d826,
    0x57bf_6a3f_1748_6857,
    0x3111_516a_75c5_f4fc,
    0x123b_edea_f538_aeb9,
    0x1dd8_96e9_0ec0_9d20,
    0x6c0b_f4a6_8999_3950,
    // PagerDuty, Events API.
    0xa70a_a3b1_5fbc_5bbb,
    // Matomo, bulk tracking.
    0x6dc7_4e84_29f4_0695,
    // Datadog, API and application keys.
    0x89b7_18fe_c240_c3e5,
    0xfc22_5c00_a6b4_780f,
    // X (Twitter), OAuth 1.0a.
    0x4271_47f6_6bef_e431,
    0x46ba_4c21_d02c_a82a,
    // Docker, swarm mode and the Engine API.
    0xab10_83c5_2fa2_a7c9,
    0x2029_f995_f69f_eb13,
    0x4f0a_9fa9_01d7_83ab,
    0x394d_229f_cc5b_73dc,
    0xe4cf_d4c5_8be8_ba39,
    0xa549_7feb_826d_1223,
    // Keys and salts in the comment of WordPress itself on how to set them.
    0x0e9e_b95f_c35b_ddc1,
    0x2394_5ab6_8671_8067,
    0xefa5_ed5a_bbf4_dcbf,
    0x6237_0dea_99a1_c1c1,
    0x0691_9bb0_0933_ed8a,
    0x1939_38ed_b51f_c18f,
    0x05af_fc7c_aca2_5405,
    0x3c5a_dce9_1ae1_02f3,
];

/// Whether a value is one of those.
#[must_use]
pub fn is_printed(value: &[u8]) -> bool {
    static ALL: LazyLock<HashSet<u64>> = LazyLock::new(|| PRINTED.iter().copied().collect());
    if !(SHORTEST..=LONGEST).contains(&value.len()) {
        return false;
    }
    let digest = Sha256::digest(&value[ENDS..value.len() - ENDS]);
    digest.first_chunk::<8>().is_some_and(|first| ALL.contains(&u64::from_be_bytes(*first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_can_read_is_known_by_its_middle() {
        let one = ["c4ca4238a0b92382", "0dcc509a6f75849b"].concat();
        assert!(is_printed(one.as_bytes()));
        assert!(is_printed(one.replacen('c', "a", 1).as_bytes()), "a letter changed at its end");
        assert!(!is_printed(one.replace("a0b9", "a0b8").as_bytes()), "another value");
        assert!(!is_printed(b"c4ca4238") && !is_printed(&[b'a'; 4096]));
    }
}
